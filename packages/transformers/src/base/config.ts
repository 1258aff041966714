/**
 * `base/`: what all of the package stands on: configurations of Hugging Face (`config.json`), read with an error that names
 * the file and the entry. It knows `typegrad/core` alone.
 */
import { ArgumentError, FormatError } from 'typegrad/core'

/** `config.json` as it was parsed. */
export type RawConfig = Readonly<Record<string, unknown>>

const isRecord = (value: unknown): value is RawConfig =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Entries of a configuration, checked as they are read. A default holds where an entry is missing or null. */
export class ConfigReader {
  readonly raw: RawConfig
  /** What errors call the file and the place in it. */
  readonly where: string

  /** @param where what errors call the file. */
  constructor(raw: unknown, where = 'config.json') {
    if (!isRecord(raw)) {
      throw new FormatError({ where, expected: 'an object', received: JSON.stringify(raw) ?? String(raw) })
    }
    this.raw = raw
    this.where = where
  }

  /** The first of these names that has an entry: models call the same thing by several names (`n_embd`, `hidden_size`). */
  #entry(names: string | readonly string[]): readonly [string, unknown] {
    const list = typeof names === 'string' ? [names] : names
    const name = list.find((one) => this.raw[one] !== undefined && this.raw[one] !== null)
    return [name ?? (list[0] as string), name === undefined ? undefined : this.raw[name]]
  }

  #read<T>(
    names: string | readonly string[],
    expected: string,
    accepts: (value: unknown) => value is T,
    fallback: T | undefined,
  ): T {
    const [name, value] = this.#entry(names)
    if (value === undefined && fallback !== undefined) return fallback
    if (accepts(value)) return value
    throw new FormatError({
      where: `${this.where}: ${name}`,
      expected,
      received: value === undefined ? 'nothing' : (JSON.stringify(value) ?? String(value)),
    })
  }

  /**
   * A whole number from 1.
   *
   * What is built one by one (layers, heads) has a limit, so that a damaged file does not fill the memory.
   */
  count(names: string | readonly string[], fallback?: number): number {
    const most = builtOneByOne.test([names].flat().join()) ? 10_000 : 2 ** 31 - 1
    const accepts = (value: unknown): value is number => isCount(value) && value <= most
    return this.#read(names, `a whole number from 1 to ${most}`, accepts, fallback)
  }

  number(names: string | readonly string[], fallback?: number): number {
    return this.#read(names, 'a number', isNumber, fallback)
  }

  boolean(names: string | readonly string[], fallback?: boolean): boolean {
    return this.#read(names, 'true or false', isBoolean, fallback)
  }

  string(names: string | readonly string[], fallback?: string): string {
    return this.#read(names, 'text', isString, fallback)
  }

  /** One of several words. */
  oneOf<T extends string>(names: string | readonly string[], values: readonly T[], fallback?: T): T {
    const accepts = (value: unknown): value is T => (values as readonly unknown[]).includes(value)
    return this.#read(names, `one of ${values.map((value) => `'${value}'`).join(', ')}`, accepts, fallback)
  }

  /** A list of numbers. */
  numbers(names: string | readonly string[], fallback?: readonly number[]): readonly number[] {
    return this.#read(names, 'a list of numbers', isNumbers, fallback)
  }

  /** A list of words. */
  strings(names: string | readonly string[], fallback?: readonly string[]): readonly string[] {
    return this.#read(names, 'a list of words', isStrings, fallback)
  }

  /** A number, or undefined where there is none. */
  optionalNumber(names: string | readonly string[]): number | undefined {
    return this.#entry(names)[1] === undefined ? undefined : this.number(names)
  }

  /** A number, the default where there is none, and undefined where the entry is null: what null turns off. */
  numberOrNull(name: string, fallback?: number): number | undefined {
    return this.raw[name] === null ? undefined : this.number(name, fallback)
  }

  /** A whole number from 1, the default where there is none, and undefined where the entry is null. */
  countOrNull(name: string, fallback?: number): number | undefined {
    return this.raw[name] === null ? undefined : this.count(name, fallback)
  }

  /** A configuration within, or undefined where there is none. */
  within(name: string): ConfigReader | undefined {
    const value = this.#entry(name)[1]
    return value === undefined ? undefined : new ConfigReader(value, this.at(name))
  }

  /** A configuration within that has to be there. */
  needed(name: string): ConfigReader {
    return this.within(name) ?? new ConfigReader(this.#entry(name)[1], this.at(name))
  }

  /** A list of configurations. */
  each(name: string): readonly ConfigReader[] {
    const list = this.#read(
      name,
      'a list',
      (value): value is readonly unknown[] => Array.isArray(value),
      undefined,
    )
    return list.map((item, i) => new ConfigReader(item, `${this.at(name)}[${i}]`))
  }

  /** What errors call an entry. */
  at(name: string): string {
    return `${this.where}: ${name}`
  }

  /** Refuses what a model would silently do otherwise. */
  refuse(name: string, expected: string, isRefused: (value: unknown) => boolean): void {
    const value = this.#entry(name)[1]
    if (value === undefined || !isRefused(value)) return
    throw new ArgumentError({ where: `${this.where}: ${name}`, expected, received: JSON.stringify(value) })
  }
}

const builtOneByOne = /layer|block|depth|head/

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)
const isCount = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 1
const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean'
const isString = (value: unknown): value is string => typeof value === 'string'
const isNumbers = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every(isNumber)
const isStrings = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every(isString)
