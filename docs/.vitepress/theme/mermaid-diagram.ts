import address from '@mermaid-js/tiny?url'
import { useData } from 'vitepress'
import { defineComponent, h, onMounted, ref, useId, watch } from 'vue'

/** What is used of Mermaid; its small build is a script that leaves it on the global object. */
interface Mermaid {
  initialize(options: Readonly<Record<string, unknown>>): void
  render(id: string, source: string): Promise<{ readonly svg: string }>
}

let loading: Promise<Mermaid> | undefined

/** Loads Mermaid with the first diagram. */
function load(): Promise<Mermaid> {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement('script')
    script.src = address
    script.onload = () => resolve((globalThis as unknown as { mermaid: Mermaid }).mermaid)
    script.onerror = () => reject(new Error(`expected a script at ${address}`))
    document.head.append(script)
  })
  return loading
}

/** Draws a ```mermaid block in the browser. */
export const MermaidDiagram = defineComponent(
  (props: { source: string }) => {
    const { isDark } = useData()
    const id = `diagram-${useId()}`
    const svg = ref('')

    async function draw(): Promise<void> {
      const mermaid = await load()
      mermaid.initialize({
        startOnLoad: false,
        theme: isDark.value ? 'dark' : 'neutral',
        fontFamily: 'inherit',
        // In their own size, and scrolled where the page is narrow: shrunk to it they could not be read.
        flowchart: { useMaxWidth: false },
        sequence: { useMaxWidth: false },
      })
      svg.value = (await mermaid.render(id, decodeURIComponent(props.source))).svg
    }

    onMounted(draw)
    watch(isDark, draw)
    return () => h('div', { class: 'diagram', innerHTML: svg.value })
  },
  { props: ['source'] },
)
