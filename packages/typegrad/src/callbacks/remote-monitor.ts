import { ArgumentError } from '../base/errors.ts'
import { anything, boolean, number, optionsOf, string } from '../base/options.ts'
import { takes } from '../base/takes.ts'
import { Callback, type Logs } from './callback.ts'

export interface RemoteMonitorOptions {
  /** Address of the server. Default `'http://localhost:9000'`. */
  readonly root?: string
  /** Where on the server the logs are posted. Default `'/publish/epoch/end/'`. */
  readonly path?: string
  /** The form's field that has the logs as JSON; not with `sendAsJson`. Default `'data'`. */
  readonly field?: string
  /** Headers of the requests, such as an authorization. Default none. */
  readonly headers?: Readonly<Record<string, string>>
  /** Whether the request's body is the JSON itself rather than a form. Default false. */
  readonly sendAsJson?: boolean
  /** Milliseconds after which a server that does not answer is given up. Default 10 000. */
  readonly timeout?: number
}

export const remoteMonitorChecks = optionsOf<RemoteMonitorOptions>()({
  root: string,
  path: string,
  field: string,
  headers: anything,
  sendAsJson: boolean,
  timeout: number,
})

/** Sends the logs of each epoch to a server; see {@link remoteMonitor}. */
@takes(remoteMonitorChecks)
export class RemoteMonitor extends Callback {
  override readonly addsLogs = []
  override readonly seesAllLogs = true
  readonly #address: string
  readonly #field: string
  readonly #headers: Readonly<Record<string, string>>
  readonly #sendAsJson: boolean
  readonly #timeout: number

  constructor({
    root = 'http://localhost:9000',
    path = '/publish/epoch/end/',
    field = 'data',
    headers = {},
    sendAsJson = false,
    timeout = 10_000,
  }: RemoteMonitorOptions = {}) {
    super()
    this.#address = root + path
    if (!URL.canParse(this.#address)) {
      throw new ArgumentError({
        where: 'remoteMonitor',
        expected: 'the address of a server, such as http://localhost:9000',
        received: this.#address,
      })
    }
    this.#field = field
    this.#headers = headers
    this.#sendAsJson = sendAsJson
    this.#timeout = timeout
  }

  override async onEpochEnd(epoch: number, logs: Logs): Promise<void> {
    try {
      const response = await fetch(this.#address, {
        method: 'POST',
        ...this.#content(JSON.stringify({ epoch, ...logs })),
        signal: AbortSignal.timeout(this.#timeout),
      })
      // The answer's text is of no interest, but its connection is to be used again.
      await response.body?.cancel()
      if (!response.ok) this.#warn(`answered ${response.status} ${response.statusText}`)
    } catch (error) {
      // A server that is down is no reason to lose a training.
      this.#warn(`could not be reached (${(error as Error).message})`)
    }
  }

  #content(json: string): Pick<RequestInit, 'body' | 'headers'> {
    if (!this.#sendAsJson)
      return { body: new URLSearchParams({ [this.#field]: json }), headers: this.#headers }
    return { body: json, headers: { 'content-type': 'application/json', ...this.#headers } }
  }

  #warn(what: string): void {
    console.warn(`typegrad: remoteMonitor: ${this.#address} ${what}; the training goes on.`)
  }
}

/**
 * Posts the logs of each epoch to a server: `{ epoch, loss, … }` as JSON, in a field of a form or as the body;
 * NaN and infinities become null. A server that cannot be reached is warned of and does not stop the training.
 *
 * @throws ArgumentError for what is no address.
 * @example
 * remoteMonitor({ root: 'https://dashboard.example', sendAsJson: true })
 */
export const remoteMonitor = (options?: RemoteMonitorOptions): RemoteMonitor => new RemoteMonitor(options)
