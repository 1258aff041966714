/**
 * `pretraining/`: how language models learn from running text: documents, blocks of tokens, what is to be predicted of them,
 * and one call for the whole. It knows models, tokenizers and generation, and typegrad's doors.
 */
import { Dataset } from 'typegrad'
import { ArgumentError, checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'

export interface TextFilesOptions {
  /** Which field of a row of JSON has the text. Default `'text'`. */
  readonly field?: string
  /** What a document of a text file is: all of it, a line, or what stands between empty lines. Default `'file'`. */
  readonly documents?: 'file' | 'line' | 'paragraph'
  /** Gives each reading its own order of the files: a function of this number. Default: they come as they are listed. */
  readonly seed?: number
  /** How many files are read in turn, a document of each. Default 1: one after another. */
  readonly cycleLength?: number
}

const { count, integer, oneOf, string } = checks
const textFilesChecks = optionsOf<TextFilesOptions>()({
  field: string,
  documents: oneOf('file', 'line', 'paragraph'),
  seed: integer,
  cycleLength: count,
})

/**
 * The documents of files: of text, and of JSON Lines (`.jsonl`, `.ndjson`), which are read as they are needed. Node only.
 *
 * @param paths files, or folders, of which all files with these endings (`.txt`, `.md`, `.jsonl`, `.ndjson`) are read, in the
 * order of their names.
 * @throws ArgumentError for no files, before anything is read; DataError naming file and line for JSON that is broken or has no
 * text in its field.
 * @example
 * const documents = textFiles(['corpus/books', 'corpus/web.jsonl'], { seed: 1, cycleLength: 4 })
 * const blocks = textBlocks(documents, tokenizer, { length: 256, packing: 'documents' })
 */
export function textFiles(paths: readonly string[], options: TextFilesOptions = {}): Dataset<string> {
  checkOptions('textFiles', options, textFilesChecks)
  if (!Array.isArray(paths) || paths.length === 0 || !paths.every((path) => typeof path === 'string')) {
    throw new ArgumentError({
      where: 'textFiles',
      expected: 'a list of paths of files or folders',
      received: Array.isArray(paths) ? `a list of ${paths.length}` : typeof paths,
      fix: "Write textFiles(['corpus.txt']).",
    })
  }
  const { field = 'text', documents = 'file', seed, cycleLength = 1 } = options
  const files = Dataset.fromGenerator(async function* () {
    const { listTextFiles } = await import('./read-text-files.node.ts')
    yield* await listTextFiles(paths)
  })
  const ordered = seed === undefined ? files : files.shuffle(100_000, { seed })
  return ordered.interleave(
    (file) =>
      Dataset.fromGenerator(async function* () {
        const { readDocuments } = await import('./read-text-files.node.ts')
        yield* readDocuments(file, { field, documents })
      }),
    { cycleLength },
  )
}
