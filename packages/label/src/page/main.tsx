import { render } from 'preact'
import { useState } from 'preact/hooks'
import { mountLabelling } from '../component/index.ts'
import { type Language, languageOf } from '../component/language.ts'
import { addStyle } from '../component/style.ts'
import { joinSession } from './server-source.ts'

const words = languageOf(navigator.language)

/** What is kept of this browser; a browser that keeps nothing asks again. */
function remembered(storage: () => Storage, name: string): string {
  try {
    return storage().getItem(name) ?? ''
  } catch {
    return ''
  }
}

function remember(storage: () => Storage, name: string, value: string): void {
  try {
    storage().setItem(name, value)
  } catch {
    // Storage is switched off.
  }
}

/** The token is taken out of the address, where others might read it over a shoulder or in a picture of the screen. */
function takeToken(): string {
  const given = location.hash.slice(1)
  if (given === '') return remembered(() => sessionStorage, 'typegrad-token')
  remember(() => sessionStorage, 'typegrad-token', given)
  history.replaceState(null, '', location.pathname)
  return given
}

function Join({
  token,
  words: say,
  onJoin,
}: {
  token: string
  words: Language
  onJoin: (name: string) => Promise<void>
}) {
  const [name, setName] = useState(remembered(() => localStorage, 'typegrad-person'))
  const [fault, setFault] = useState(token === '' ? say.noToken : '')
  const [isBusy, setBusy] = useState(false)
  const submit = (event: Event): void => {
    event.preventDefault()
    setBusy(true)
    onJoin(name.trim()).catch((error: unknown) => {
      setFault((error as Error).message)
      setBusy(false)
    })
  }
  return (
    <div class="tgl" lang={say.save === 'Save' ? 'en' : 'zh-Hans'}>
      <form class="card join" onSubmit={submit}>
        <h1>typegrad</h1>
        <label>
          {say.name}
          <input
            value={name}
            onInput={({ currentTarget }) => setName(currentTarget.value)}
            ref={(field) => field?.focus()}
            required
            maxLength={64}
            autocomplete="nickname"
          />
          <small>{say.nameHint}</small>
        </label>
        {fault !== '' && (
          <p class="hint" role="alert">
            {fault}
          </p>
        )}
        <button type="submit" class="main" disabled={isBusy || token === ''}>
          {say.begin}
        </button>
      </form>
    </div>
  )
}

const app = document.querySelector('#app') as HTMLElement
addStyle(document)
const page = new CSSStyleSheet()
page.replaceSync(
  'html, body { height: 100%; margin: 0 } #app { min-height: 100%; display: flex; flex-direction: column } #app > .tgl { flex: 1 }',
)
document.adoptedStyleSheets = [...document.adoptedStyleSheets, page]
document.documentElement.lang = words.save === 'Save' ? 'en' : 'zh-Hans'

const token = takeToken()
const join = async (name: string): Promise<void> => {
  const source = await joinSession(token, name)
  remember(() => localStorage, 'typegrad-person', name)
  document.title = source.title === '' ? 'typegrad' : `${source.title} · typegrad`
  render(null, app)
  mountLabelling(app, { source, keyTarget: document })
}
render(<Join {...{ token, words }} onJoin={join} />, app)
