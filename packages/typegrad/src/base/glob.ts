/**
 * Whether paths such as `encoder/3/attention/query/kernel` fit a pattern: `*` is any part of a segment, `**` any number
 * of segments (none too), `?` one letter, `{a,b}` one of several.
 *
 * @example
 * glob('encoder/{3,4}/**')('encoder/3/attention/query/kernel') // true
 */
export function glob(pattern: string): (path: string) => boolean {
  const segments = pattern.split('/').map((segment) => (segment === '**' ? segment : segmentPattern(segment)))
  // Each segment with the slash behind it, so that `**` may stand for none; the path gets one at its end, too.
  const whole = segments.map((segment) => (segment === '**' ? '(?:[^/]*/)*' : `${segment}/`)).join('')
  const expression = new RegExp(`^${whole}$`)
  return (path) => expression.test(`${path}/`)
}

function segmentPattern(segment: string): string {
  let depth = 0
  return segment.replace(/[*?{},.+^$()|[\]\\]/g, (letter) => {
    if (letter === '*') return '[^/]*'
    if (letter === '?') return '[^/]'
    if (letter === '{') {
      depth++
      return '(?:'
    }
    if (letter === '}' && depth > 0) {
      depth--
      return ')'
    }
    if (letter === ',' && depth > 0) return '|'
    return `\\${letter}`
  })
}
