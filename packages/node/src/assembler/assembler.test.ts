import { expect, test } from 'vitest'
import { Assembler, condition, gp, vector } from './assembler.ts'

/**
 * Instructions as GNU's assembler encodes them (binutils 2.40), told to take the long prefix (`{vex3}`).
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
  ['mov r9, [r13+16]', '4d8b4d10', (a) => a.load(gp.r9, { base: gp.r13, displacement: 16 })],
  ['mov [rsp+8], r15', '4c897c2408', (a) => a.store({ base: gp.rsp, displacement: 8 }, gp.r15)],
  ['mov eax, [rax+rsi*4]', '8b04b0', (a) => a.loadSmall(gp.rax, { base: gp.rax, index: gp.rsi, scale: 4 })],
  [
    'mov [rbp+r11*4], r9d',
    '46894c9d00',
    (a) => a.storeSmall({ base: gp.rbp, index: gp.r11, scale: 4 }, gp.r9),
  ],
  ['lea rdx, [rsp-16]', '488d5424f0', (a) => a.address(gp.rdx, { base: gp.rsp, displacement: -16 })],
  [
    'prefetcht0 [rdx+r10*1+64]',
    '420f184c1240',
    (a) => a.prefetch({ base: gp.rdx, index: gp.r10, displacement: 64 }),
  ],
  ['prefetcht0 [r12+rax*1]', '410f180c04', (a) => a.prefetch({ base: gp.r12, index: gp.rax })],
  ['add rdi, r10', '4c01d7', (a) => a.add(gp.rdi, gp.r10)],
  ['sub r8, rax', '4929c0', (a) => a.sub(gp.r8, gp.rax)],
  ['cmp r8, rax', '4939c0', (a) => a.compare(gp.r8, gp.rax)],
  ['cmp r14, [rsp+40]', '4c3b742428', (a) => a.compareMemory(gp.r14, { base: gp.rsp, displacement: 40 })],
  [
    'imul r11, [rsp+8], 1000',
    '4c695c2408e8030000',
    (a) => a.multiply(gp.r11, { base: gp.rsp, displacement: 8 }, 1000),
  ],
  ['div rcx', '48f7f1', (a) => a.divide(gp.rcx)],
  ['shr r9, 2', '49c1e902', (a) => a.shiftRight(gp.r9, 2)],
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
    'c4a10c591c98',
    (a) => a.vectorMemory(vector.mul, 3, 14, { base: gp.rax, index: gp.r11, scale: 4 }),
  ],
  [
    'vmovups ymm5,[r12+r11*4+64]',
    'c4817c106c9c40',
    (a) => a.vectorMemory(vector.load, 5, 0, { base: gp.r12, index: gp.r11, scale: 4, displacement: 64 }),
  ],
  [
    'vmovups [r15+r11*4], ymm13',
    'c4017c112c9f',
    (a) => a.vectorMemory(vector.store, 13, 0, { base: gp.r15, index: gp.r11, scale: 4 }),
  ],
  [
    'vmovups xmm2,[rdx+r11*2]',
    'c4a17810145a',
    (a) => a.vectorMemory(vector.load, 2, 0, { base: gp.rdx, index: gp.r11, scale: 2 }, undefined, false),
  ],
  [
    'vmaskmovps ymm1,ymm15,[rdx+r11*4]',
    'c4a2052c0c9a',
    (a) => a.vectorMemory(vector.maskLoad, 1, 15, { base: gp.rdx, index: gp.r11, scale: 4 }),
  ],
  [
    'vmaskmovps [rdx+r11*4],ymm15,ymm8',
    'c422052e049a',
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
    'c4227d310c19',
    (a) => a.vectorMemory(vector.widenBytes, 9, 0, { base: gp.rcx, index: gp.r11 }),
  ],
  [
    'vpbroadcastb ymm9,[rcx+r11]',
    'c4227d780c19',
    (a) => a.vectorMemory(vector.broadcastByte, 9, 0, { base: gp.rcx, index: gp.r11 }),
  ],
  ['vpslld ymm10,ymm11,23', 'c4c12d72f317', (a) => a.vector(vector.shiftIntegers, 6, 10, 11, 23)],
  ['vpsrad ymm3,ymm4,1', 'c4e16572e401', (a) => a.vector(vector.shiftIntegers, 4, 3, 4, 1)],
  ['vcvtps2dq ymm3,ymm4', 'c4e17d5bdc', (a) => a.vector(vector.toIntegers, 3, 0, 4)],
  ['vcvtdq2ps ymm3,ymm12', 'c4c17c5bdc', (a) => a.vector(vector.fromIntegers, 3, 0, 12)],
  ['vpaddd ymm3,ymm4,ymm9', 'c4c15dfed9', (a) => a.vector(vector.addIntegers, 3, 4, 9)],
  ['vpsubd ymm3,ymm4,ymm9', 'c4c15dfad9', (a) => a.vector(vector.subIntegers, 3, 4, 9)],
  ['vpcmpeqd ymm3,ymm4,ymm9', 'c4c15d76d9', (a) => a.vector(vector.equalIntegers, 3, 4, 9)],
  ['vextracti128 xmm14,ymm9,1', 'c4437d39ce01', (a) => a.vector(vector.extractHigh, 9, 0, 14, 1)],
  ['vpackssdw xmm1,xmm2,xmm3', 'c4e1696bcb', (a) => a.vector(vector.packWords, 1, 2, 3, undefined, false)],
  ['vpacksswb xmm1,xmm2,xmm3', 'c4e16963cb', (a) => a.vector(vector.packBytes, 1, 2, 3, undefined, false)],
  [
    'vmovq [rbx+r11], xmm14',
    'c42179d6341b',
    (a) => a.vectorMemory(vector.storeQuad, 14, 0, { base: gp.rbx, index: gp.r11 }, undefined, false),
  ],
  ['vfmadd213ps ymm1,ymm2,ymm3', 'c4e26da8cb', (a) => a.vector(vector.multiplyAdd, 1, 2, 3)],
  ['vfnmadd231ps ymm1,ymm2,ymm3', 'c4e26dbccb', (a) => a.vector(vector.subtractProduct, 1, 2, 3)],
  ['vfmadd231ps ymm11,ymm2,ymm13', 'c4426db8dd', (a) => a.vector(vector.addProduct, 11, 2, 13)],
  ['vunpcklps ymm1,ymm12,ymm3', 'c4e11c14cb', (a) => a.vector(vector.unpackLow, 1, 12, 3)],
  ['vunpckhps ymm11,ymm2,ymm13', 'c4416c15dd', (a) => a.vector(vector.unpackHigh, 11, 2, 13)],
  ['vshufps ymm1,ymm2,ymm13,0x44', 'c4c16cc6cd44', (a) => a.vector(vector.shuffleTwo, 1, 2, 13, 0x44)],
  ['vperm2f128 ymm9,ymm2,ymm3,0x31', 'c4636d06cb31', (a) => a.vector(vector.permuteHalves, 9, 2, 3, 0x31)],
  [
    'vbroadcastss ymm14,[r12]',
    'c4427d183424',
    (a) => a.vectorMemory(vector.broadcast, 14, 0, { base: gp.r12 }),
  ],
  [
    'vbroadcastss ymm14,[r13]',
    'c4427d187500',
    (a) => a.vectorMemory(vector.broadcast, 14, 0, { base: gp.r13 }),
  ],
  [
    'vbroadcastss ymm14,[r8-128]',
    'c4427d187080',
    (a) => a.vectorMemory(vector.broadcast, 14, 0, { base: gp.r8, displacement: -128 }),
  ],
  [
    'vbroadcastss ymm14,[r8+128]',
    'c4427d18b080000000',
    (a) => a.vectorMemory(vector.broadcast, 14, 0, { base: gp.r8, displacement: 128 }),
  ],
  ['vpermps ymm0,ymm13,ymm0', 'c4e21516c0', (a) => a.vector(vector.permute, 0, 13, 0)],
  ['vpermilps ymm7,ymm6,0xb1', 'c4e37d04feb1', (a) => a.vector(vector.shuffle, 7, 0, 6, 0xb1)],
  [
    'vbroadcastss ymm6,[rsp+r11*4]',
    'c4a27d18349c',
    (a) => a.vectorMemory(vector.broadcast, 6, 0, { base: gp.rsp, index: gp.r11, scale: 4 }),
  ],
  ['vmovups zmm28,[r9]', '62417c481021', (a) => a.wideMemory(vector.load, 28, 0, { base: gp.r9 })],
  [
    'vmovups zmm29,[r9+192]',
    '62417c48106903',
    (a) => a.wideMemory(vector.load, 29, 0, { base: gp.r9, displacement: 192 }),
  ],
  [
    'vmovups zmm29,[r9+65]',
    '62417c4810a941000000',
    (a) => a.wideMemory(vector.load, 29, 0, { base: gp.r9, displacement: 65 }),
  ],
  [
    'vbroadcastss zmm30,[r8+128]',
    '62427d48187020',
    (a) => a.wideMemory(vector.broadcast, 30, 0, { base: gp.r8, displacement: 128 }, { bytes: 4 }),
  ],
  [
    'vbroadcastss zmm31,[r8+12288]',
    '62427d4818b800300000',
    (a) => a.wideMemory(vector.broadcast, 31, 0, { base: gp.r8, displacement: 12288 }, { bytes: 4 }),
  ],
  ['vfmadd231ps zmm17,zmm30,zmm29', '62820d40b8cd', (a) => a.wide(vector.addProduct, 17, 30, 29)],
  ['vfmadd231ps zmm3,zmm31,zmm28', '62920540b8dc', (a) => a.wide(vector.addProduct, 3, 31, 28)],
  ['vaddps zmm5,zmm21,zmm10', '62d1544058ea', (a) => a.wide(vector.add, 5, 21, 10)],
  ['vmaxps zmm16,zmm28,zmm16', '62a11c405fc0', (a) => a.wide(vector.max, 16, 28, 16)],
  ['vpxord zmm27,zmm27,zmm27', '62012540efdb', (a) => a.wide(vector.xorIntegers, 27, 27, 27)],
  [
    'vmovups zmm30{k1}{z},[r11+64]',
    '62417cc9107301',
    (a) => a.wideMemory(vector.load, 30, 0, { base: gp.r11, displacement: 64 }, { mask: 1 }),
  ],
  [
    'vmovups [r11+64]{k2},zmm9',
    '62517c4a114b01',
    (a) => a.wideMemory(vector.store, 9, 0, { base: gp.r11, displacement: 64 }, { mask: 2 }),
  ],
  ['kmovw k2,eax', 'c5f892d0', (a) => a.setMask(2, gp.rax)],
]

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** Where this assembler writes one byte more: an empty prefix. */
const longer: Readonly<Record<string, string>> = {
  'mov eax, [rax+rsi*4]': '408b04b0',
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

test('a number that its field does not hold is an error, and never another number', () => {
  const assembler = new Assembler()
  expect(() => assembler.addImmediate(gp.rax, 2 ** 31)).toThrow(
    /from -2147483648 to 2147483647, received 2147483648/,
  )
  expect(() => assembler.scale(gp.rax, gp.rcx, -(2 ** 31) - 1)).toThrow(RangeError)
  expect(() => assembler.load(gp.rax, { base: gp.rcx, displacement: 2 ** 31 })).toThrow(RangeError)
  expect(() => assembler.moveSmall(gp.rax, 2 ** 32)).toThrow(RangeError)
  expect(() => assembler.moveSmall(gp.rax, Number.NaN)).toThrow(RangeError)
  assembler.moveSmall(gp.rax, 2 ** 32 - 1)
  expect([...assembler.finish().slice(-4)]).toEqual([255, 255, 255, 255])
})
