import { expect, test } from 'vitest'
import { Assembler, gp, vector } from '../../../assembler/assembler.ts'
import type { Executor, Region } from '../executor.ts'
import { emulatingExecutor } from './emulating-executor.ts'
import { pointer, runCode } from './run-code.ts'

const executor = emulatingExecutor()
const input = Int32Array.of(1, 2, 3, 4, 5, 6, 7, 8)
const run = (emit: (assembler: Assembler) => void): Int32Array =>
  runCode(executor, [input], new Int32Array(8), emit)
const [from] = pointer.inputs

/** Bytes as a whole function. */
function runBytes(...code: number[]): void {
  executor.install({ code: Uint8Array.from(code), entry: 0, tasks: 1 })
  ;(executor satisfies Executor).run((executor.regions[0] as Region).address, 0)
}

test.each<[string, RegExp, (assembler: Assembler) => void]>([
  [
    'a read behind a region',
    /^emulator: vmovups ymm1,\[rbx\+4\] at \d+ of the code: reads 32 bytes at 0x[0-9a-f]+, which no region holds/,
    (assembler) => assembler.vectorMemory(vector.load, 1, 0, { base: from, displacement: 4 }),
  ],
  [
    'a write behind a region',
    /: writes 4 bytes at 0x[0-9a-f]+, which no region holds/,
    (assembler) => {
      assembler.moveSmall(gp.rax, 1)
      assembler.storeSmall({ base: pointer.output, displacement: 32 }, gp.rax)
    },
  ],
  [
    'an address in a register that nothing has written',
    /: reads 4 bytes at an address that was never computed/,
    (assembler) => assembler.load(gp.rax, { base: gp.r11 }),
  ],
  [
    'arithmetic on such a register',
    /: computes with a register that was never written/,
    (assembler) => assembler.addImmediate(gp.r10, 8),
  ],
  [
    'what nothing has written on the stack',
    /: reads what nothing has written/,
    (assembler) => assembler.load(gp.rax, { base: gp.rsp, displacement: -64 }),
  ],
  [
    'a mask that was never set',
    /: uses the mask k2, which was never set/,
    (assembler) => assembler.wideMemory(vector.load, 0, 0, { base: from }, { mask: 2 }),
  ],
  [
    'a jump by flags that are undefined',
    /: asks for the zero flag, which is undefined/,
    (assembler) => {
      const label = assembler.label('there')
      assembler.moveSmall(gp.rax, 3)
      assembler.scale(gp.rax, gp.rax, 5)
      assembler.jumpIf(4, label)
      assembler.place(label)
    },
  ],
  [
    'numbers beyond 2 ** 53',
    /: computes \d+(e\+\d+)?, which is beyond what this emulator computes exactly/,
    (assembler) => {
      assembler.moveImmediate(gp.rax, 1n << 52n)
      assembler.scale(gp.rax, gp.rax, 7)
    },
  ],
  [
    'a mask where the emulator knows none',
    /: a mask that this emulator does not know here/,
    (assembler) => {
      assembler.moveSmall(gp.rax, 1)
      assembler.setMask(1, gp.rax)
      assembler.wideMemory(vector.add, 0, 0, { base: from }, { mask: 1 })
    },
  ],
])('%s is an error', (_, message, emit) => {
  expect(() => run(emit)).toThrow(message)
})

test.each<[string, RegExp, number[]]>([
  // cpuid
  [
    'an instruction that no kernel has',
    /emulator: cpuid at 0 of the code: an instruction that this/,
    [0x0f, 0xa2],
  ],
  ['bytes that are none', /no instruction begins with the bytes 06/, [0x06]],
  // add ebx, 1; ret
  ['a form that no kernel has', /another width than 64 bits/, [0x83, 0xc3, 0x01, 0xc3]],
  // mov ebx, 0; ret
  [
    'a register of the caller that is lost',
    /the register 3 is not what the caller had/,
    [0xbb, 0, 0, 0, 0, 0xc3],
  ],
  // push rbx; ret
  ['a stack that is not given back', /code goes on at 0x-3eb/, [0x53, 0xc3]],
  // jmp over the next 100 bytes
  ['a jump to where no code is', /code goes on at 0x[0-9a-f]+, where none is/, [0xeb, 0x64]],
])('%s is an error', (_, message, code) => {
  expect(() => runBytes(...code)).toThrow(message)
})

test('code cannot be written', () => {
  const label = new Assembler().label('here')
  expect(() =>
    run((assembler) => {
      assembler.place(label)
      assembler.address(gp.rax, { label })
      assembler.storeSmall({ base: gp.rax }, gp.rax)
    }),
  ).toThrow(/writes 4 bytes/)
})
