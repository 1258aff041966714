import { describeAsInPython } from './golden.ts'

/**
 * Compares an encoder with Hugging Face's, alone and with each of its heads.
 *
 * @param name what the golden files' names begin with.
 */
export function describeEncoderAsInPython(name: string): void {
  for (const head of ['', '-masked-lm', '-sequence', '-token', '-answers'])
    describeAsInPython(`${name}${head}`)
}
