# What a disk begins with on which Bochs runs jobs (disk.ts): reads 448 KiB behind it to 0x10000, goes to 64 bits with
# AVX-512 enabled, calls each job's function for each of its tasks, and writes the memory in hexadecimal to port 0xe9.
#
# 0x10000: address and length of what is written in the end; then for each job entry, pointers, tasks; then 0.

.set table, 0x1000          # page tables
.set image, 0x10000

.code16
.globl _start
_start:
  cli
  xorw %ax, %ax
  movw %ax, %ds
  movw %ax, %es
  movw %ax, %ss
  movw $0x7c00, %sp
read:                       # 64 sectors at a time
  movw $packet, %si
  movb $0x42, %ah
  movb $0x80, %dl
  int $0x13
  jc failed
  addw $0x800, packet + 6
  addl $64, packet + 8
  cmpw $0x8000, packet + 6
  jb read
  inb $0x92, %al            # the 21st address line
  orb $2, %al
  andb $0xfe, %al
  outb %al, $0x92
  movw $table, %di          # one page of 1 GiB, at the address that it has
  movw $0x1000, %cx
  xorl %eax, %eax
  rep stosl
  movl $0x2003, table
  movl $0x83, 0x2000
  lgdt descriptors
  movl $0x40620, %eax       # PAE, OSFXSR, OSXMMEXCPT, OSXSAVE
  movl %eax, %cr4
  movl $table, %eax
  movl %eax, %cr3
  movl $0xc0000080, %ecx    # EFER.LME
  rdmsr
  orl $0x100, %eax
  wrmsr
  movl $0x80000003, %eax    # PG, MP, PE
  movl %eax, %cr0
  ljmp $8, $long
failed:
  hlt
  jmp failed

.code64
long:
  xorl %ecx, %ecx           # XCR0: x87, SSE, AVX, masks, both halves of AVX-512's registers
  movl $0xe7, %eax
  xorl %edx, %edx
  xsetbv
  movl $0x7c00, %esp
  movl $image + 16, %ebx
job:
  movq (%rbx), %rax
  testq %rax, %rax
  jz write
  xorl %ebp, %ebp
task:
  cmpq 16(%rbx), %rbp
  jae done
  movq 8(%rbx), %rdi
  movq %rbp, %rsi
  call *(%rbx)
  incq %rbp
  jmp task
done:
  addq $24, %rbx
  jmp job
write:
  movq image, %rsi
  movq image + 8, %rcx
  movb $'<', %al
  outb %al, $0xe9
byte:
  movb (%rsi), %al
  shrb $4, %al
  call digit
  movb (%rsi), %al
  andb $15, %al
  call digit
  incq %rsi
  decq %rcx
  jnz byte
  movb $'>', %al
  outb %al, $0xe9
  movw $0x8900, %dx         # ends Bochs
  movl $word, %esi
  movl $8, %ecx
  rep outsb
stop:
  hlt
  jmp stop
digit:
  addb $'0', %al
  cmpb $'9', %al
  jbe 1f
  addb $39, %al
1:
  outb %al, $0xe9
  ret

word: .ascii "Shutdown"
.align 4
gdt:
  .quad 0
  .quad 0x00209a0000000000  # code of 64 bits
descriptors:
  .word 15
  .long gdt
.align 4
packet:                     # sectors, offset, segment, first sector
  .byte 16, 0
  .word 64, 0, image >> 4
  .quad 1
.org 510
.word 0xaa55
