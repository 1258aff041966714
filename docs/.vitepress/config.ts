/** The site: `npm run docs` builds it, `npm run docs:dev` serves it. Its pages are this folder's Markdown, as GitHub shows it. */
import { defineConfig } from 'vitepress'
import { anchorOf } from './anchor.ts'
import { diagrams } from './diagrams.ts'
import { outsideLinks } from './outside-links.ts'
import { chinese, english } from './sidebar.ts'
import { wordsOf } from './words.ts'

export default defineConfig({
  title: 'typegrad',
  description: 'Deep learning for TypeScript: Keras’s API, native speed, no Python.',
  cleanUrls: true,
  lastUpdated: false,
  // The largest chunks are the index of the search and the reference's pages.
  vite: { build: { chunkSizeWarningLimit: 2000 } },
  markdown: {
    anchor: { slugify: anchorOf },
    config(md) {
      diagrams(md)
      outsideLinks(md)
    },
  },
  locales: {
    root: { label: 'English', lang: 'en', ...english },
    zh: { label: '简体中文', lang: 'zh-Hans', ...chinese },
  },
  themeConfig: {
    search: {
      provider: 'local',
      options: {
        miniSearch: { options: { tokenize: wordsOf } },
        locales: {
          zh: {
            translations: {
              button: { buttonText: '搜索', buttonAriaLabel: '搜索' },
              modal: {
                displayDetails: '显示详情',
                resetButtonTitle: '清除',
                backButtonTitle: '关闭',
                noResultsText: '没有结果：',
                footer: { selectText: '打开', navigateText: '切换', closeText: '关闭' },
              },
            },
          },
        },
      },
    },
    outline: { level: [2, 3] },
  },
})
