import { useData } from 'vitepress'
import { defineComponent, h } from 'vue'
import terminal from '../../pictures/progress.svg'

const descriptions: Readonly<Record<string, string>> = {
  en: 'A terminal in the middle of the third epoch of npm start: the table of layers, and for each epoch a bar with loss and accuracy',
  'zh-Hans': '终端里的 npm start，正在训练第三个 epoch：各层的表格，每个 epoch 一条进度条，带损失和准确率',
}

/** What `npm start` shows, beside the title of the start page. */
export const HeroTerminal = defineComponent(() => {
  const { lang } = useData()
  return () => h('img', { class: 'hero-terminal', src: terminal, alt: descriptions[lang.value] })
})
