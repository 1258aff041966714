/** `commands/doctor/`: what this machine can do. It knows `program/`. */
import { defineCommand } from '../../program/definition.ts'
import { flag } from '../../program/options.ts'

export const doctor = defineCommand({
  name: 'doctor',
  summary: {
    en: 'What this machine can do: engine, memory, speed, versions.',
    zh: '检查本机：引擎、设备、内存、速度、版本。',
  },
  details: {
    en: 'Computes a product of two matrices of 1024 × 1024 on the engine and checks its result, and loads what tables and pictures need. Ends with 1 where something that is needed does not work.',
    zh: '在引擎上计算两个 1024 × 1024 矩阵的乘积并核对结果，并加载表格与图片所需的库。有必需的部分不能工作时，以 1 结束。',
  },
  arguments: {},
  options: {
    gpu: flag({ help: { en: 'Try the graphics card too (WebGPU).', zh: '同时检查显卡（WebGPU）。' } }),
  },
  hasJson: true,
  examples: [['typegrad doctor --json', { en: 'for a report of a fault', zh: '用于提交问题报告' }]],
})
