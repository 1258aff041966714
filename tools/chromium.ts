// Chromium without a window, driven over its own pipe: for tests of pages and for pictures of them.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'

const program = process.env.CHROMIUM ?? 'chromium'

/** Why there is no browser; undefined if there is one ($CHROMIUM, default `chromium`). */
export function missingChromium(): string | undefined {
  const { status, error } = spawnSync('sh', ['-c', `command -v "${program}"`], { stdio: 'ignore' })
  if (status === 0) return undefined
  return `${program} is not there${error === undefined ? '' : ` (${error.message})`}: install it, or name one by CHROMIUM.`
}

type Params = Readonly<Record<string, unknown>>

interface Message {
  readonly id?: number
  readonly method?: string
  readonly params?: Params
  readonly sessionId?: string
  readonly result?: unknown
  readonly error?: { readonly message: string }
}

/** A browser that is running (https://chromedevtools.github.io/devtools-protocol/). */
export class Chromium {
  readonly #process: ChildProcess
  readonly #profile: string
  readonly #asked = new Map<number, (message: Message) => void>()
  readonly #listeners = new Set<(message: Message) => void>()
  #count = 0
  #rest = ''

  private constructor() {
    this.#profile = mkdtempSync(join(tmpdir(), 'typegrad-chromium-'))
    const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--hide-scrollbars', '--mute-audio']
    this.#process = spawn(
      program,
      [
        ...[...flags, '--force-color-profile=srgb', '--remote-debugging-pipe', '--no-first-run'],
        ...['--disable-background-networking', '--disable-extensions', '--disable-dev-shm-usage'],
        ...[`--user-data-dir=${this.#profile}`, 'about:blank'],
      ],
      { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] },
    )
    const answers = this.#process.stdio[4] as Readable
    answers.setEncoding('utf8').on('data', (text: string) => {
      const messages = (this.#rest + text).split('\0')
      this.#rest = messages.pop() ?? ''
      for (const message of messages) this.#take(JSON.parse(message) as Message)
    })
  }

  static async start(): Promise<Chromium> {
    const browser = new Chromium()
    await browser.send('Browser.getVersion')
    return browser
  }

  /** Opens an address in a context of its own, as another person's browser would be. */
  async open(url: string, options: PageOptions = {}): Promise<Page> {
    const { browserContextId } = await this.send<{ browserContextId: string }>('Target.createBrowserContext')
    const { targetId } = await this.send<{ targetId: string }>('Target.createTarget', {
      url: 'about:blank',
      browserContextId,
    })
    const { sessionId } = await this.send<{ sessionId: string }>('Target.attachToTarget', {
      targetId,
      flatten: true,
    })
    const page = new Page(this, sessionId)
    await page.begin(url, options)
    return page
  }

  send<R = unknown>(method: string, params: Params = {}, sessionId?: string): Promise<R> {
    const id = ++this.#count
    const answered = new Promise<R>((resolve, reject) => {
      this.#asked.set(id, ({ result, error }) => {
        if (error === undefined) resolve(result as R)
        else reject(new Error(`${method}: ${error.message}`))
      })
    })
    const pipe = this.#process.stdio[3] as Writable
    pipe.write(`${JSON.stringify({ id, method, params, ...(sessionId !== undefined && { sessionId }) })}\0`)
    return answered
  }

  listen(listener: (message: Message) => void): void {
    this.#listeners.add(listener)
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve))
    await Promise.race([this.send('Browser.close').catch(() => undefined), ended])
    await ended
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 })
  }

  #take(message: Message): void {
    if (message.id !== undefined) {
      this.#asked.get(message.id)?.(message)
      this.#asked.delete(message.id)
    } else for (const listener of this.#listeners) listener(message)
  }
}

export interface PageOptions {
  /** Default `'en-US'`. */
  readonly language?: string
  /** Default 1000 by 720. */
  readonly size?: readonly [width: number, height: number]
  /** Default `'light'`. */
  readonly scheme?: 'light' | 'dark'
}

/** Keys whose code or text is not that of the letter. */
const named: Readonly<
  Record<string, { readonly code: string; readonly keyCode: number; readonly text?: string }>
> = {
  Enter: { code: 'Enter', keyCode: 13, text: '\r' },
  Escape: { code: 'Escape', keyCode: 27 },
  Backspace: { code: 'Backspace', keyCode: 8 },
  Delete: { code: 'Delete', keyCode: 46 },
  Tab: { code: 'Tab', keyCode: 9 },
  ' ': { code: 'Space', keyCode: 32, text: ' ' },
  ArrowLeft: { code: 'ArrowLeft', keyCode: 37 },
  ArrowUp: { code: 'ArrowUp', keyCode: 38 },
  ArrowRight: { code: 'ArrowRight', keyCode: 39 },
  ArrowDown: { code: 'ArrowDown', keyCode: 40 },
  PageUp: { code: 'PageUp', keyCode: 33 },
  PageDown: { code: 'PageDown', keyCode: 34 },
}

/** The modifiers' bits in the protocol. */
export const modifiers = { alt: 1, ctrl: 2, meta: 4, shift: 8 } as const

/** One page of a browser. */
export class Page {
  readonly #browser: Chromium
  readonly #session: string
  /** What went wrong in the page: exceptions, and errors that it wrote to its console. */
  readonly errors: string[] = []

  constructor(browser: Chromium, session: string) {
    this.#browser = browser
    this.#session = session
    browser.listen(({ sessionId, method, params }) => {
      if (sessionId !== session) return
      if (method === 'Runtime.exceptionThrown' || method === 'Log.entryAdded') {
        const text = JSON.stringify(params)
        if (method === 'Runtime.exceptionThrown' || /"level":"error"/.test(text)) this.errors.push(text)
      }
    })
  }

  async begin(
    url: string,
    { language = 'en-US', size = [1000, 720], scheme = 'light' }: PageOptions,
  ): Promise<void> {
    const [width, height] = size
    await Promise.all([
      this.send('Emulation.setFocusEmulationEnabled', { enabled: true }),
      ...['Page', 'Runtime', 'Log'].map((domain) => this.send(`${domain}.enable`)),
      this.send('Emulation.setDeviceMetricsOverride', {
        width,
        height,
        deviceScaleFactor: 1,
        mobile: width < 600,
      }),
      this.send('Emulation.setEmulatedMedia', {
        features: [{ name: 'prefers-color-scheme', value: scheme }],
      }),
      this.send('Emulation.setUserAgentOverride', { userAgent: 'typegrad', acceptLanguage: language }),
    ])
    // It stands there already; going there again would throw away what is evaluated meanwhile.
    if (url !== 'about:blank') await this.send('Page.navigate', { url })
  }

  send<R = unknown>(method: string, params: Params = {}): Promise<R> {
    return this.#browser.send<R>(method, params, this.#session)
  }

  /** The value of an expression; a promise is waited for. */
  async evaluate<R = unknown>(expression: string): Promise<R> {
    const { result, exceptionDetails } = await this.send<{
      result: { value: R }
      exceptionDetails?: { exception?: { description?: string } }
    }>('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true })
    if (exceptionDetails !== undefined) throw new Error(exceptionDetails.exception?.description ?? expression)
    return result.value
  }

  /** Waits until an expression is true; what it throws counts as not yet. */
  async until(expression: string, patience = 200_000): Promise<void> {
    const end = performance.now() + patience
    for (;;) {
      if ((await this.evaluate<boolean>(`Boolean(${expression})`).catch(() => false)) === true) return
      if (performance.now() > end) {
        const text = await this.evaluate<string>('document.body.innerText').catch(() => '')
        throw new Error(
          `never true: ${expression}\nthe page says: ${text}\nerrors: ${this.errors.join('\n')}`,
        )
      }
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
  }

  /** Waits until a text stands on the page. */
  async untilText(text: string): Promise<void> {
    await this.until(`document.body.innerText.includes(${JSON.stringify(text)})`)
  }

  /** Presses a key, and lets it go. */
  async press(key: string, modifier = 0): Promise<void> {
    const upper = key.toUpperCase()
    const known = named[key] ?? {
      code: /[a-z]/i.test(key) ? `Key${upper}` : /\d/.test(key) ? `Digit${key}` : '',
      keyCode: upper.charCodeAt(0),
      text: key,
    }
    const common = { key, code: known.code, windowsVirtualKeyCode: known.keyCode, modifiers: modifier }
    const text = (modifier & ~modifiers.shift) === 0 ? known.text : undefined
    await this.send('Input.dispatchKeyEvent', {
      type: 'keyDown',
      ...common,
      ...(text !== undefined && { text }),
    })
    await this.send('Input.dispatchKeyEvent', { type: 'keyUp', ...common })
  }

  async type(text: string): Promise<void> {
    await this.send('Input.insertText', { text })
  }

  /** Presses the mouse at one point and lets it go at another. */
  async drag(
    from: readonly [x: number, y: number],
    to: readonly [x: number, y: number],
    modifier = 0,
  ): Promise<void> {
    const event = (type: string, [x, y]: readonly [number, number], buttons: number): Promise<unknown> =>
      this.send('Input.dispatchMouseEvent', {
        type,
        x,
        y,
        button: 'left',
        buttons,
        clickCount: 1,
        modifiers: modifier,
      })
    await event('mousePressed', from, 1)
    await event('mouseMoved', [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2], 1)
    await event('mouseMoved', to, 1)
    await event('mouseReleased', to, 0)
  }

  async click(point: readonly [x: number, y: number]): Promise<void> {
    await this.drag(point, point)
  }

  /** Where an element is that a selector finds: its middle. */
  async middleOf(selector: string): Promise<readonly [x: number, y: number]> {
    return this.evaluate(
      `(({ x, y, width, height }) => [x + width / 2, y + height / 2])(document.querySelector(${JSON.stringify(selector)}).getBoundingClientRect())`,
    )
  }

  /** A picture of what is seen, as PNG. */
  async screenshot(): Promise<Buffer> {
    const { data } = await this.send<{ data: string }>('Page.captureScreenshot', { format: 'png' })
    return Buffer.from(data, 'base64')
  }
}
