import { FormatError } from '../base/errors.ts'
import type { Hdf5Dataset } from '../formats/hdf5.ts'
import { IndexLookup } from '../layers/preprocessing/index-lookup.ts'
import { IntegerLookup } from '../layers/preprocessing/integer-lookup.ts'
import type { AnyModel } from '../models/model.ts'
import { fromData } from '../tensor/tensor.ts'
import { Variable } from '../tensor/variable.ts'
import { join, placedLayers } from './structure.ts'

/** Where Keras keeps a vocabulary that `adapt` has found: beside the weights, a token a line. */
const vocabularyFile = (path: string): string => join(join('assets', path), 'vocabulary.txt')

/** Lookups of a model without a vocabulary, by the places that Keras keeps them at. */
function waiting(model: AnyModel): ReadonlyMap<string, IndexLookup<never>> {
  const found = placedLayers(model).flatMap(({ layer, path }) =>
    layer instanceof IndexLookup && !layer.hasVocabulary ? [[path, layer] as const] : [],
  )
  return new Map(found)
}

/** The names of a file's vocabularies, as far as the model has layers for them. */
export const vocabularyFiles = (model: AnyModel): string[] => [...waiting(model).keys()].map(vocabularyFile)

/**
 * Gives lookups the vocabularies that a `.keras` file has beside its configuration.
 *
 * @throws FormatError naming the file, for one that is missing or damaged.
 */
export function readVocabularies(
  model: AnyModel,
  files: ReadonlyMap<string, Uint8Array>,
  datasets: ReadonlyMap<string, Hdf5Dataset>,
  where: string,
): void {
  for (const [path, layer] of waiting(model)) {
    const name = vocabularyFile(path)
    const bytes = files.get(name)
    if (bytes === undefined) continue
    const lines = linesOf(bytes, `${where}: ${name}`)
    const weights = datasets.get(join(path, 'vars/idf_weights'))?.data
    const tokens =
      (layer as unknown) instanceof IntegerLookup
        ? lines.map((line, i) => wholeNumber(line, i, `${where}: ${name}`))
        : lines
    try {
      // The class says of which kind its tokens are.
      layer.setVocabulary(
        tokens as never[],
        weights === undefined ? undefined : Array.from(weights as Float32Array),
      )
    } catch (cause) {
      throw new FormatError(
        {
          where: `${where}: ${name}`,
          expected: `a vocabulary for '${layer.name}'`,
          received: `a damaged one (${(cause as Error).message})`,
        },
        { cause },
      )
    }
  }
}

/** How telling the tokens of lookups are, where Keras looks for it: a layer that counts so reads it beside its configuration. */
export function idfPlaces(model: AnyModel): ReadonlyMap<string, Variable> {
  const found = placedLayers(model).flatMap(({ layer, path }) => {
    const weights = layer instanceof IndexLookup ? layer.idfWeights : undefined
    if (weights === undefined) return []
    const value = fromData(Float32Array.from(weights), [weights.length], 'float32')
    return [
      [
        join(path, 'vars/idf_weights'),
        new Variable(value, { name: 'idf_weights', trainable: false }),
      ] as const,
    ]
  })
  return new Map(found)
}

/** Lines without empty ones at the end. */
function linesOf(bytes: Uint8Array, where: string): string[] {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    const lines = text.split('\n')
    while (lines.at(-1) === '') lines.pop()
    return lines
  } catch (cause) {
    throw new FormatError({ where, expected: 'lines of UTF-8', received: 'bytes that are none' }, { cause })
  }
}

function wholeNumber(line: string, i: number, where: string): number {
  if (/^-?\d+$/.test(line)) return Number(line)
  throw new FormatError({
    where,
    expected: 'a whole number a line',
    received: `${JSON.stringify(line)} in line ${i + 1}`,
  })
}
