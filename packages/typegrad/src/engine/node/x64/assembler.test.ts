import { expect, test } from 'vitest'
import { Assembler, condition, gp, vector } from './assembler.ts'

/**
 * Instructions as GNU's assembler encodes them (binutils 2.40), told to take the long forms: `{vex3}` and `{disp32}`.
 */
const encodings: readonly (readonly [text: string, bytes: string, emit: (assembler: Assembler) => void])[] = [
  ['push rbx', '53', (a) => a.push(gp.rbx)],
  ['push r12', '4154', (a) => a.push(gp.r12)],
  ['pop r15', '415f', (a) => a.pop(gp.r15)],
  ['mov r14, rdi', '4989fe', (a) => a.move(gp.r14, gp.rdi)],
  [
    'movabs rax, 0x1122334455667788',
    '48b88877665544332211',
    (a) => a.moveImmediate(gp.rax, 0x1122334455667788n),
  ],
  ['mov r11d, 7', '41bb07000000', (a) => a.moveSmall(gp.r11, 7)],
  ['mov r9, [r13+16]', '4d8b8d10000000', (a) => a.load(gp.r9, { base: gp.r13, displacement: 16 })],
  ['mov [rsp+8], r15', '4c89bc2408000000', (a) => a.store({ base: gp.rsp, displacement: 8 }, gp.r15)],
  [
    'mov eax, [rax+rsi*4]',
    '8b84b000000000',
    (a) => a.loadSmall(gp.rax, { base: gp.rax, index: gp.rsi, scale: 4 }),
  ],
  [
    'mov [rbp+r11*4], r9d',
    '46898c9d00000000',
    (a) => a.storeSmall({ base: gp.rbp, index: gp.r11, scale: 4 }, gp.r9),
  ],
  ['lea rdx, [rsp-16]', '488d9424f0ffffff', (a) => a.address(gp.rdx, { base: gp.rsp, displacement: -16 })],
  [
    'prefetcht0 [rdx+r10*1+64]',
    '420f188c1240000000',
    (a) => a.prefetch({ base: gp.rdx, index: gp.r10, displacement: 64 }),
  ],
  ['prefetcht0 [r12+rax*1]', '410f188c0400000000', (a) => a.prefetch({ base: gp.r12, index: gp.rax })],
  ['add rdi, r10', '4c01d7', (a) => a.add(gp.rdi, gp.r10)],
  ['sub r8, rax', '4929c0', (a) => a.sub(gp.r8, gp.rax)],
  ['cmp r8, rax', '4939c0', (a) => a.compare(gp.r8, gp.rax)],
  [
    'cmp r14, [rsp+40]',
    '4c3bb42428000000',
    (a) => a.compareMemory(gp.r14, { base: gp.rsp, displacement: 40 }),
  ],
  [
    'imul r11, [rsp+8], 1000',
    '4c699c2408000000e8030000',
    (a) => a.multiply(gp.r11, { base: gp.rsp, displacement: 8 }, 1000),
  ],
  ['div rcx', '48f7f1', (a) => a.divide(gp.rcx)],
  ['test rax, rax', '4885c0', (a) => a.test(gp.rax)],
  ['call rax', 'ffd0', (a) => a.call(gp.rax)],
  ['ret', 'c3', (a) => a.ret()],
  ['vzeroupper', 'c5f877', (a) => a.zeroUpper()],
  ['add r15, 1000', '4981c7e8030000', (a) => a.addImmediate(gp.r15, 1000)],
  ['and rcx, 0x7ffffff8', '4881e1f8ffff7f', (a) => a.andImmediate(gp.rcx, 0x7ffffff8)],
  ['sub r8, 1000', '4981e8e8030000', (a) => a.subImmediate(gp.r8, 1000)],
  ['cmp rbx, 1000', '4881fbe8030000', (a) => a.compareImmediate(gp.rbx, 1000)],
  ['vaddps ymm1,ymm2,ymm3', 'c4e16c58cb', (a) => a.vector(vector.add, 1, 2, 3)],
  ['vsubps ymm9,ymm10,ymm11', 'c4412c5ccb', (a) => a.vector(vector.sub, 9, 10, 11)],
  [
    'vmulps ymm3,ymm14,[rax+r11*4]',
    'c4a10c599c9800000000',
    (a) => a.vectorMemory(vector.mul, 3, 14, { base: gp.rax, index: gp.r11, scale: 4 }),
  ],
  [
    'vmovups ymm5,[r12+r11*4+64]',
    'c4817c10ac9c40000000',
    (a) => a.vectorMemory(vector.load, 5, 0, { base: gp.r12, index: gp.r11, scale: 4, displacement: 64 }),
  ],
  [
    'vmovups [r15+r11*4], ymm13',
    'c4017c11ac9f00000000',
    (a) => a.vectorMemory(vector.store, 13, 0, { base: gp.r15, index: gp.r11, scale: 4 }),
  ],
  [
    'vmovups xmm2,[rdx+r11*2]',
    'c4a17810945a00000000',
    (a) => a.vectorMemory(vector.load, 2, 0, { base: gp.rdx, index: gp.r11, scale: 2 }, undefined, false),
  ],
  [
    'vmaskmovps ymm1,ymm15,[rdx+r11*4]',
    'c4a2052c8c9a00000000',
    (a) => a.vectorMemory(vector.maskLoad, 1, 15, { base: gp.rdx, index: gp.r11, scale: 4 }),
  ],
  [
    'vmaskmovps [rdx+r11*4],ymm15,ymm8',
    'c422052e849a00000000',
    (a) => a.vectorMemory(vector.maskStore, 8, 15, { base: gp.rdx, index: gp.r11, scale: 4 }),
  ],
  ['vsqrtps ymm2, ymm12', 'c4c17c51d4', (a) => a.vector(vector.sqrt, 2, 0, 12)],
  ['vdivps ymm2, ymm4, ymm12', 'c4c15c5ed4', (a) => a.vector(vector.div, 2, 4, 12)],
  ['vmaxps ymm2, ymm4, ymm12', 'c4c15c5fd4', (a) => a.vector(vector.max, 2, 4, 12)],
  ['vminps ymm2, ymm4, ymm12', 'c4c15c5dd4', (a) => a.vector(vector.min, 2, 4, 12)],
  ['vandps ymm2, ymm4, ymm12', 'c4c15c54d4', (a) => a.vector(vector.and, 2, 4, 12)],
  ['vorps ymm2, ymm4, ymm12', 'c4c15c56d4', (a) => a.vector(vector.or, 2, 4, 12)],
  ['vxorps ymm2, ymm4, ymm12', 'c4c15c57d4', (a) => a.vector(vector.xor, 2, 4, 12)],
  ['vcmpps ymm3,ymm4,ymm5,17', 'c4e15cc2dd11', (a) => a.vector(vector.compare, 3, 4, 5, 17)],
  ['vblendvps ymm1,ymm2,ymm3,ymm14', 'c4e36d4acbe0', (a) => a.vector(vector.blend, 1, 2, 3, 14 << 4)],
  ['vroundps ymm7,ymm8,9', 'c4c37d08f809', (a) => a.vector(vector.round, 7, 0, 8, 9)],
  [
    'vpmovzxbd ymm9,[rcx+r11]',
    'c4227d318c1900000000',
    (a) => a.vectorMemory(vector.widenBytes, 9, 0, { base: gp.rcx, index: gp.r11 }),
  ],
  ['vpslld ymm10,ymm11,23', 'c4c12d72f317', (a) => a.vector(vector.shiftIntegers, 6, 10, 11, 23)],
  ['vpsrad ymm3,ymm4,1', 'c4e16572e401', (a) => a.vector(vector.shiftIntegers, 4, 3, 4, 1)],
  ['vcvtps2dq ymm3,ymm4', 'c4e17d5bdc', (a) => a.vector(vector.toIntegers, 3, 0, 4)],
  ['vpaddd ymm3,ymm4,ymm9', 'c4c15dfed9', (a) => a.vector(vector.addIntegers, 3, 4, 9)],
  ['vpsubd ymm3,ymm4,ymm9', 'c4c15dfad9', (a) => a.vector(vector.subIntegers, 3, 4, 9)],
  ['vpcmpeqd ymm3,ymm4,ymm9', 'c4c15d76d9', (a) => a.vector(vector.equalIntegers, 3, 4, 9)],
  ['vextracti128 xmm14,ymm9,1', 'c4437d39ce01', (a) => a.vector(vector.extractHigh, 9, 0, 14, 1)],
  ['vpackssdw xmm1,xmm2,xmm3', 'c4e1696bcb', (a) => a.vector(vector.packWords, 1, 2, 3, undefined, false)],
  ['vpacksswb xmm1,xmm2,xmm3', 'c4e16963cb', (a) => a.vector(vector.packBytes, 1, 2, 3, undefined, false)],
  [
    'vmovq [rbx+r11], xmm14',
    'c42179d6b41b00000000',
    (a) => a.vectorMemory(vector.storeQuad, 14, 0, { base: gp.rbx, index: gp.r11 }, undefined, false),
  ],
  ['vfmadd213ps ymm1,ymm2,ymm3', 'c4e26da8cb', (a) => a.vector(vector.multiplyAdd, 1, 2, 3)],
  ['vfnmadd231ps ymm1,ymm2,ymm3', 'c4e26dbccb', (a) => a.vector(vector.subtractProduct, 1, 2, 3)],
  ['vpermps ymm0,ymm13,ymm0', 'c4e21516c0', (a) => a.vector(vector.permute, 0, 13, 0)],
  ['vpermilps ymm7,ymm6,0xb1', 'c4e37d04feb1', (a) => a.vector(vector.shuffle, 7, 0, 6, 0xb1)],
  [
    'vbroadcastss ymm6,[rsp+r11*4]',
    'c4a27d18b49c00000000',
    (a) => a.vectorMemory(vector.broadcast, 6, 0, { base: gp.rsp, index: gp.r11, scale: 4 }),
  ],
]

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** Where this assembler writes one byte more: an index byte that the base could do without, an empty prefix. */
const longer: Readonly<Record<string, string>> = {
  'mov r9, [r13+16]': '4d8b8c2510000000',
  'mov eax, [rax+rsi*4]': '408b84b000000000',
}

test.each(encodings)('%s', (text, bytes, emit) => {
  const assembler = new Assembler()
  emit(assembler)
  expect(hex(assembler.finish())).toBe(longer[text] ?? bytes)
})

test('jumps and addresses count from the end of their instruction', () => {
  const assembler = new Assembler()
  const [start, data] = [assembler.label('start'), assembler.label('data')]
  assembler.place(start)
  assembler.address(gp.rax, { label: data })
  assembler.vectorMemory(vector.compare, 1, 2, { label: data }, 17)
  assembler.jumpIf(condition.below, start)
  assembler.jump(start)
  assembler.place(data)
  // lea rax, [rip + 21]; vcmpps ymm1, ymm2, [rip + 11], 17; jb −23; jmp −28
  expect(hex(assembler.finish())).toBe(
    '488d0515000000' + 'c4e16cc20d0b00000011' + '0f82e9ffffff' + 'e9e4ffffff',
  )
})

test('a label without a place is an error', () => {
  const assembler = new Assembler()
  assembler.jump(assembler.label('nowhere'))
  expect(() => assembler.finish()).toThrow('nowhere')
})
