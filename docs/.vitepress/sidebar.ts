/** Navigation of both languages: the guide is in both, the reference and the pages about the inside in English. */
import type { DefaultTheme, LocaleSpecificConfig } from 'vitepress'

type Sections = readonly (readonly [
  title: string,
  pages: readonly (readonly [title: string, link: string])[],
])[]

const sidebar = (sections: Sections): DefaultTheme.SidebarItem[] =>
  sections.map(([text, pages]) => ({ text, items: pages.map(([text, link]) => ({ text, link })) }))

type Titles = readonly [english: string, chinese: string]

type Page = readonly [file: string, ...Titles]

/** The guide's sections, each a list of its files under `docs/guide` and `docs/zh/guide`. */
const guide: readonly (readonly [Titles, readonly Page[]])[] = [
  [
    ['Begin', '开始'],
    [
      ['', 'Guide', '指南'],
      ['getting-started', 'Getting started', '快速上手'],
      ['installing', 'Installing', '安装'],
      ['examples', 'Examples', '示例'],
    ],
  ],
  [
    ['Models and data', '模型与数据'],
    [
      ['data', 'Data', '数据'],
      ['tables', 'Tables', '表格'],
      ['preprocessing', 'Preprocessing', '预处理'],
      ['tabular', 'A model of a table', '表格模型'],
      ['forecasting', 'Forecasting', '预测'],
      ['recommendation', 'Recommendation', '推荐'],
      ['media', 'Pictures, sounds and texts', '图片、声音与文本'],
      ['labelling', 'Labelling', '标注'],
      ['cross-validation', 'Held-back data', '留出数据与交叉验证'],
      ['models', 'Models', '模型'],
      ['sequences', 'Sequences', '序列'],
      ['custom-layers', 'Layers of your own', '自定义层'],
      ['weights', 'Weights', '权重'],
    ],
  ],
  [
    ['Large models', '大模型'],
    [
      ['transformers', 'Transformers', 'Transformer 模型'],
      ['datasets', 'Data sets of Hugging Face', 'Hugging Face 的数据集'],
      ['cleaning', 'Cleaning tables', '清洗表格'],
      ['pretraining', 'Pre-training', '预训练'],
      ['fine-tuning', 'Fine-tuning', '微调'],
      ['shrinking', 'Shrinking', '压缩'],
    ],
  ],
  [
    ['Training', '训练'],
    [
      ['losses-and-optimizers', 'Losses, metrics, optimizers', '损失、指标、优化器'],
      ['training', 'Training', '训练'],
      ['training-steps', 'Steps of your own', '自定义训练步骤'],
      ['distributed', 'Between gradients and update', '梯度与更新之间'],
      ['callbacks', 'Callbacks', '回调'],
      ['search', 'Searching options', '搜索选项'],
    ],
  ],
  [
    ['Keeping and shipping', '保存与交付'],
    [
      ['saving', 'Saving and loading', '保存与加载'],
      ['onnx', 'ONNX', 'ONNX'],
      ['engines', 'Engines and devices', '引擎与设备'],
      ['command-line', 'The command line', '命令行'],
      ['performance', 'Performance and memory', '性能与内存'],
    ],
  ],
  [
    ['One level down', '再往下一层'],
    [
      ['tensors', 'Tensors', '张量'],
      ['gradients', 'Gradients, compiled functions', '梯度与编译函数'],
      ['random', 'Random numbers', '随机数'],
      ['errors', 'Errors', '错误'],
    ],
  ],
]

const englishGuide: Sections = guide.map(([[title], pages]) => [
  title,
  pages.map(([file, title]) => [title, `/guide/${file}`]),
])

const chineseGuide: Sections = guide.map(([[, title], pages]) => [
  title,
  pages.map(([file, , title]) => [title, `/zh/guide/${file}`]),
])

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
      '/guide/': sidebar(englishGuide),
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
      '/zh/': sidebar(chineseGuide),
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
