/** Navigation of both languages. What is not translated leads to the English page. */
import type { DefaultTheme, LocaleSpecificConfig } from 'vitepress'

type Sections = readonly (readonly [
  title: string,
  pages: readonly (readonly [title: string, link: string])[],
])[]

const sidebar = (sections: Sections): DefaultTheme.SidebarItem[] =>
  sections.map(([text, pages]) => ({ text, items: pages.map(([text, link]) => ({ text, link })) }))

const guide: Sections = [
  [
    'Begin',
    [
      ['Guide', '/guide/'],
      ['Getting started', '/guide/getting-started'],
      ['Installing', '/guide/installing'],
      ['Examples', '/guide/examples'],
    ],
  ],
  [
    'Models and data',
    [
      ['Data', '/guide/data'],
      ['Held-back data', '/guide/cross-validation'],
      ['Models', '/guide/models'],
      ['Sequences', '/guide/sequences'],
      ['Layers of your own', '/guide/custom-layers'],
      ['Weights', '/guide/weights'],
    ],
  ],
  [
    'Training',
    [
      ['Losses, metrics, optimizers', '/guide/losses-and-optimizers'],
      ['Training', '/guide/training'],
      ['Steps of your own', '/guide/training-steps'],
      ['Between gradients and update', '/guide/distributed'],
      ['Callbacks', '/guide/callbacks'],
      ['Searching options', '/guide/search'],
    ],
  ],
  [
    'Keeping and shipping',
    [
      ['Saving and loading', '/guide/saving'],
      ['ONNX', '/guide/onnx'],
      ['Engines and devices', '/guide/engines'],
      ['Performance and memory', '/guide/performance'],
    ],
  ],
  [
    'One level down',
    [
      ['Tensors', '/guide/tensors'],
      ['Gradients, compiled functions', '/guide/gradients'],
      ['Random numbers', '/guide/random'],
      ['Errors', '/guide/errors'],
    ],
  ],
]

const reference: Sections = [
  [
    'Reference',
    [
      ['All pages', '/reference/'],
      ['Models and training', '/reference/models'],
      ['Layers', '/reference/layers'],
      ['Losses', '/reference/losses'],
      ['Metrics', '/reference/metrics'],
      ['Optimizers and schedules', '/reference/optimizers'],
      ['Callbacks', '/reference/callbacks'],
      ['Initializers, regularizers, constraints', '/reference/weights'],
      ['Activations', '/reference/activations'],
      ['Data', '/reference/data'],
      ['Search', '/reference/search'],
      ['Gradients and compiled functions', '/reference/transforms'],
      ['Random numbers', '/reference/random'],
      ['Engines', '/reference/engines'],
      ['Tensors', '/reference/tensors'],
      ['Operations', '/reference/ops'],
      ['For writers of layers', '/reference/for-layers'],
    ],
  ],
]

const inside = [
  { text: 'Architecture', link: '/architecture' },
  { text: 'Extending', link: '/extending' },
  { text: 'Decisions', link: '/decisions' },
]

export const english: LocaleSpecificConfig<DefaultTheme.Config> = {
  themeConfig: {
    nav: [
      { text: 'Guide', link: '/guide/', activeMatch: '^/guide/' },
      { text: 'Reference', link: '/reference/', activeMatch: '^/reference/' },
      { text: 'Inside', items: inside },
    ],
    sidebar: {
      '/guide/': sidebar(guide),
      '/reference/': sidebar(reference),
      '/': [{ text: 'Inside', items: inside }],
    },
  },
}

export const chinese: LocaleSpecificConfig<DefaultTheme.Config> = {
  description: '面向 TypeScript 的深度学习框架：Keras 的 API，原生的速度，不需要 Python。',
  themeConfig: {
    nav: [
      { text: '指南', link: '/zh/guide/', activeMatch: '^/zh/guide/' },
      { text: '参考（英文）', link: '/reference/' },
      {
        text: '内部（英文）',
        items: [
          { text: '架构', link: '/architecture' },
          { text: '扩展', link: '/extending' },
          { text: '设计决策', link: '/decisions' },
        ],
      },
    ],
    sidebar: {
      '/zh/': sidebar([
        [
          '开始',
          [
            ['指南', '/zh/guide/'],
            ['快速上手', '/zh/guide/getting-started'],
            ['安装（英文）', '/guide/installing'],
            ['示例（英文）', '/guide/examples'],
          ],
        ],
        [
          '模型与数据（英文）',
          [
            ['数据', '/guide/data'],
            ['留出数据与交叉验证', '/guide/cross-validation'],
            ['模型', '/guide/models'],
            ['序列', '/guide/sequences'],
            ['自定义层', '/guide/custom-layers'],
            ['权重', '/guide/weights'],
          ],
        ],
        [
          '训练（英文）',
          [
            ['损失、指标、优化器', '/guide/losses-and-optimizers'],
            ['训练', '/guide/training'],
            ['自定义训练步骤', '/guide/training-steps'],
            ['梯度与更新之间', '/guide/distributed'],
            ['回调', '/guide/callbacks'],
            ['搜索选项', '/guide/search'],
          ],
        ],
        [
          '保存与交付（英文）',
          [
            ['保存与加载', '/guide/saving'],
            ['ONNX', '/guide/onnx'],
            ['引擎与设备', '/guide/engines'],
            ['性能与内存', '/guide/performance'],
          ],
        ],
        [
          '再往下一层（英文）',
          [
            ['张量', '/guide/tensors'],
            ['梯度与编译函数', '/guide/gradients'],
            ['随机数', '/guide/random'],
            ['错误', '/guide/errors'],
          ],
        ],
      ]),
    },
    outline: { level: [2, 3], label: '本页内容' },
    docFooter: { prev: '上一页', next: '下一页' },
    darkModeSwitchLabel: '外观',
    lightModeSwitchTitle: '浅色',
    darkModeSwitchTitle: '深色',
    sidebarMenuLabel: '目录',
    returnToTopLabel: '回到顶部',
    langMenuLabel: '语言',
    skipToContentLabel: '跳到正文',
  },
}
