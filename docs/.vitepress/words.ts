/**
 * Words of a text for the search. Chinese has no spaces between words, so each of its characters counts as one.
 * (VitePress sends this function's source to the browser: it may use nothing from outside of itself.)
 */
export const wordsOf = (text: string): string[] =>
  text.match(/\p{Script=Han}|(?:(?!\p{Script=Han})[\p{L}\p{N}_])+/gu)?.map((word) => word.toLowerCase()) ?? []
