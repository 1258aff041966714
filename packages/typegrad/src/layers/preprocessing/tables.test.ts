import { describe, expect, test } from 'vitest'
import {
  ArgumentError,
  DataError,
  Dataset,
  layers,
  ShapeError,
  StateError,
  sequential,
  tensor,
} from '../../index.ts'
import { testLayer } from '../../testing/test-layer.ts'

describe('as layers', () => {
  test('normalization', () =>
    testLayer((options) => layers.normalization(options), {
      inputShape: [2, 3],
      expectedOutputShape: [2, 3],
      expectedWeights: [
        ['mean', [3]],
        ['variance', [3]],
        ['count', []],
      ],
      expectedTrainable: 0,
    }))

  test('discretization', () =>
    testLayer(
      (options) => layers.discretization({ binBoundaries: [-1, 0, 1], outputMode: 'oneHot', ...options }),
      {
        inputShape: [2, 3],
        expectedOutputShape: [2, 3, 4],
        gradient: false,
      },
    ))

  test('integerLookup', () =>
    testLayer((options) => layers.integerLookup({ vocabulary: [5, 3, 9], numOovIndices: 2, ...options }), {
      inputShape: [2, 3],
      inputValues: [5, 3, 9, 4, -1, 0],
      expectedOutputShape: [2, 3],
      gradient: false,
    }))
})

describe('adapt', () => {
  test('on nothing is refused', async () => {
    const empty = () => Dataset.fromGenerator(() => [])
    await expect(layers.normalization().adapt([])).rejects.toThrow(DataError)
    await expect(layers.normalization().adapt(empty())).rejects.toThrow(
      /adapt: expected at least one sample to learn from, received a stream that ended at once/,
    )
    await expect(layers.discretization({ numBins: 2 }).adapt(empty())).rejects.toThrow(DataError)
    await expect(layers.stringLookup().adapt([])).rejects.toThrow(/received no tokens/)
    await expect(layers.stringLookup().adapt(empty())).rejects.toThrow(DataError)
    await expect(layers.textVectorization().adapt(['', '!'])).rejects.toThrow(/received no tokens/)
    await expect(layers.normalization().adapt(7 as never)).rejects.toThrow(ArgumentError)
  })

  test('reads a Dataset of samples and labels batch by batch', async () => {
    const layer = layers.normalization()
    const rows = Dataset.fromTensors([
      [
        [1, 10],
        [3, 30],
        [5, 20],
      ],
      [0, 1, 0],
    ])
    await layer.adapt(rows.batch(2))
    const [mean, variance] = await Promise.all(layer.getWeights().map((weight) => weight.toArray()))
    expect(mean).toEqual([3, 20])
    expect((variance as number[])[0]).toBeCloseTo(8 / 3, 6)
  })

  test('takes so many batches of a stream that has no end', async () => {
    const lookup = layers.stringLookup()
    await lookup.adapt(Dataset.fromAsyncIterable(['b', 'b', 'a']).repeat(), { steps: 3 })
    expect(lookup.getVocabulary()).toEqual(['[UNK]', 'b', 'a'])
  })

  test('is not for what was given', async () => {
    await expect(layers.normalization({ mean: 1, variance: 2 }).adapt([[1]])).rejects.toThrow(
      /given them as options/,
    )
    await expect(layers.discretization({ binBoundaries: [1] }).adapt([1])).rejects.toThrow(/numBins/)
    await expect(layers.stringLookup({ vocabulary: ['a'] }).adapt(['a'])).rejects.toThrow(StateError)
  })

  test('of batches of other widths names the shape', async () => {
    const layer = layers.normalization()
    await expect(layer.adapt([tensor([[1, 2]]), tensor([[1, 2, 3]])])).rejects.toThrow(
      /expected batches with \[2\] along axis -1.*received shape \[1, 3\]/,
    )
  })

  test('reaches a model that was compiled before', async () => {
    const layer = layers.normalization()
    const model = sequential([layer])
    expect(await (await model.predict([[2], [4]])).toArray()).toEqual([[2], [4]])
    await layer.adapt([[2], [4]])
    expect(await (await model.predict([[2], [4]])).toArray()).toEqual([[-1], [1]])
  })
})

describe('refuse', () => {
  test('vocabularies that are damaged', () => {
    const given =
      (vocabulary: string[], options = {}) =>
      () =>
        layers.stringLookup({ vocabulary, ...options })
    expect(given(['a', 'b', 'a'])).toThrow(/vocabulary: expected each token once, received "a" again at 2/)
    expect(given([])).toThrow(/expected at least one token, received an empty array/)
    expect(given(['a', ''], { maskToken: '' })).toThrow(
      /the mask token in front of all tokens, or not at all/,
    )
    expect(given(['a', 'b', 'c'], { maxTokens: 3 })).toThrow(/at most 3 tokens.*received 4/)
    expect(given(['a'], { outputMode: 'tfIdf' })).toThrow(/idfWeights: expected 1 numbers/)
    expect(() => layers.integerLookup({ vocabulary: [1, 2.5] })).toThrow(/whole numbers/)
  })

  test('values that are in no vocabulary where there is no place for them', async () => {
    const lookup = layers.integerLookup({ vocabulary: [1, 2], numOovIndices: 0, name: 'places' })
    expect(() => lookup.apply([[1, 7]])).toThrow(/received 7\. Set numOovIndices: 1/)
    await expect(
      sequential([lookup]).predict([
        [1, 2],
        [1, 7],
      ]),
    ).rejects.toThrow(/numbers of the vocabulary of 'places'.*received 7 in sample 1/)
  })

  test('tensors where they work on the host, and ragged rows', () => {
    const hash = layers.hashing({ numBins: 3, name: 'hashed' })
    expect(() => hash.apply(tensor([1]))).toThrow(
      /hashed: expected strings or numbers in nested arrays: Hashing works on the host/,
    )
    expect(() => hash.apply([['a'], ['b', 'c']])).toThrow(
      /expected 1 elements at \[1\], as in the first row, received 2/,
    )
    expect(() => hash.apply([[true]] as never)).toThrow(/at \[0\]\[0\]/)
    expect(() => layers.textVectorization({ vocabulary: ['a'] }).apply([['a', 'b']])).toThrow(ShapeError)
    expect(() => layers.hashedCrossing({ numBins: 3 }).apply(['a'])).toThrow(/at least two features/)
    expect(() => layers.hashedCrossing({ numBins: 3 }).apply([['a'], ['a', 'b']])).toThrow(ShapeError)
    expect(() => layers.hashedCrossing({ numBins: 3 }).apply([[1.5], [2]])).toThrow(
      /whole numbers, received 1.5/,
    )
  })

  test('what is not there yet', () => {
    expect(() => layers.stringLookup().apply(['a'])).toThrow(StateError)
    expect(() => layers.discretization({ numBins: 2 }).apply(tensor([1]))).toThrow(StateError)
  })

  test('options that do not go together', () => {
    expect(() => layers.discretization()).toThrow(/numBins.*or binBoundaries, received neither/)
    expect(() => layers.discretization({ binBoundaries: [1, 0] })).toThrow(/ascending order, received 0 at 1/)
    expect(() => layers.normalization({ mean: 1 })).toThrow(/received mean alone/)
    expect(() => layers.normalization({ mean: [1, 2], variance: [1] })).toThrow(/one shape/)
    expect(() => layers.integerLookup({ salt: 1 })).toThrow(/farmhash/)
    expect(() => layers.hashing({ numBins: 2, outputMode: 'tfIdf' as never })).toThrow(/one of int, oneHot/)
    expect(() => layers.textVectorization({ outputMode: 'count', outputSequenceLength: 3 })).toThrow(
      ArgumentError,
    )
    expect(() => layers.textVectorization({ ngrams: 0 })).toThrow(/ngrams/)
    expect(() => layers.textVectorization({ split: (text) => [text] }).getConfig()).toThrow(
      /a function, which a file cannot hold/,
    )
  })
})
