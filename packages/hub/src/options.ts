/**
 * `@typegrad/hub/options`: how something of the hub is fetched, as types and checks. It runs in browsers too, for packages that
 * check what they are told before they load what runs in Node alone.
 */
import { ArgumentError, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'

/** How far a download is. */
export interface DownloadProgress {
  /** Its path in the repository, such as `model.safetensors`. */
  readonly file: string
  /** Bytes that are here, with those of an earlier download that broke off. */
  readonly bytes: number
  readonly total: number
}

/** How something of the hub is fetched. */
export interface HubOptions {
  /** A branch, a tag or a commit. Default `'main'`. */
  readonly revision?: string
  /** Where downloads are kept. Default HF_HUB_CACHE, `hub` in HF_HOME, or `~/.cache/huggingface/hub`, as in Python. */
  readonly cacheDir?: string
  /** Whether only the cache is looked at. Default: whether HF_HUB_OFFLINE is set. */
  readonly offline?: boolean
  /** For what is private or gated. Default HF_TOKEN, or what `hf auth login` kept. */
  readonly token?: string
  /** Ends a download, which the next one continues. */
  readonly signal?: AbortSignal
  /** Told how far each file is. Default: one line on a terminal, and nothing elsewhere. */
  readonly onProgress?: (progress: DownloadProgress) => void
}

/** What each of {@link HubOptions} may be, for `checkOptions`. */
export const hubChecks = optionsOf<HubOptions>()({
  revision: checks.string,
  cacheDir: checks.path,
  offline: checks.boolean,
  token: checks.string,
  signal: checks.abortSignal,
  onProgress: checks.func,
})

/** Whether a text can be the name of something on the hub: `gpt2`, `org/name`. */
export const isHubId = (text: string): boolean =>
  /^[\w][\w.-]{0,95}(\/[\w][\w.-]{0,95})?$/.test(text) && !/\.\.|--/.test(text)

/** @throws ArgumentError for what cannot be a revision. */
export function checkRevision(where: string, revision: string): void {
  if (/^[\w.-]+(\/[\w.-]+)*$/.test(revision) && !revision.split('/').some((part) => /^\.+$/.test(part)))
    return
  throw new ArgumentError({
    where: `${where}: revision`,
    expected: 'a branch, a tag or a commit',
    received: JSON.stringify(revision),
  })
}
