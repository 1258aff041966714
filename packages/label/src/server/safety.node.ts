import { timingSafeEqual } from 'node:crypto'

/** What a request says of where it comes from. */
export interface RequestHeaders {
  readonly host?: string | undefined
  readonly origin?: string | undefined
  readonly authorization?: string | undefined
}

const isLoopback = (name: string): boolean => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(name)

/**
 * Why a request is not answered; undefined if it is.
 *
 * A page elsewhere can make a browser ask this server, and by DNS rebinding even read the answers, under a name of its own: so a
 * server of this machine alone answers to its own names alone, and one page asks nothing in another's name (Origin). What
 * is worth reading or changing also needs the token of the session's URL, which no other page has.
 */
export function refusal(headers: RequestHeaders, isLocal: boolean): string | undefined {
  const { host = '', origin } = headers
  const name = host.replace(/:\d+$/, '')
  if (isLocal && !isLoopback(name)) return `asked as '${name}', which is no name of this machine`
  if (origin !== undefined && origin !== `http://${host}`) return `asked by a page of '${origin}'`
  return undefined
}

/** Whether a request has the token; takes as long for each wrong one. */
export function hasToken({ authorization = '' }: RequestHeaders, token: string): boolean {
  const given = Buffer.from(authorization)
  const expected = Buffer.from(`Bearer ${token}`)
  return given.length === expected.length && timingSafeEqual(given, expected)
}

/** Of all answers: nothing is kept, guessed, framed or loaded from elsewhere. Pictures and sounds come as blobs. */
export const safeHeaders = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; connect-src 'self' blob:; img-src blob: data:; media-src blob:; style-src 'self' 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const
