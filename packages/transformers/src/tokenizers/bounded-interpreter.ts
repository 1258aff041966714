import { type Environment, Interpreter, type Node, type TemplateValue } from './jinja.ts'
import {
  booleanValue,
  integerValue,
  isList,
  isMapping,
  isString,
  listValue,
  pythonEquals,
  pythonJson,
  pythonText,
  stringValue,
  stripped,
} from './python-values.ts'

/** How much a template may do. */
export interface TemplateLimits {
  /** Most expressions and statements that are evaluated, loops' turns among them. Default 1,000,000. */
  readonly steps?: number
  /** Most characters of a text that is made. Default 16,777,216. */
  readonly characters?: number
  /** Most time. Default 5,000 milliseconds. */
  readonly milliseconds?: number
}

/** A template that does more than it may. */
export class TemplateLimitError extends Error {}

interface FilterNode extends Node {
  readonly operand: Node
  readonly filter: Node
}
interface CallNode extends Node {
  readonly callee: Node
  readonly args: readonly Node[]
}
interface MemberNode extends Node {
  readonly object: Node
  readonly property: Node & { readonly value: string }
  readonly computed: boolean
}
interface BinaryNode extends Node {
  readonly operator: { readonly value: string }
  readonly left: Node
  readonly right: Node
}
interface TestNode extends Node {
  readonly operand: Node
  readonly negate: boolean
  readonly test: { readonly value: string }
}

interface Arguments {
  readonly positional: readonly TemplateValue[]
  readonly named: ReadonlyMap<string, TemplateValue>
}

/** Statements; all other nodes in a body are expressions whose text is put out. */
const statements = new Set([
  'Set',
  'If',
  'For',
  'Macro',
  'CallStatement',
  'FilterStatement',
  'Break',
  'Continue',
  'Comment',
])
const bodies = ['body', 'alternate', 'defaultBlock'] as const

/** Most expressions within each other: calls of macros that call themselves end here. */
const deepest = 500

/** Characters of a value for one step. */
const sizeOfStep = 1024

/**
 * @huggingface/jinja's interpreter with limits, and with Python's results where JavaScript's differ: texts of booleans, None,
 * lists and dictionaries, equality, JSON, and methods of strings.
 *
 * Everything that a template does goes through `evaluate`, which counts: each node is a step, and more for large values
 * and loops. A value that a step makes has at most so many characters in all that it holds, each time that it holds them,
 * so that texts and lists that double in a loop end soon. What can make far more of its arguments than they are (`replace`,
 * `join`, `indent`, `tojson`) is measured before.
 */
export class BoundedInterpreter extends Interpreter {
  readonly #steps: number
  readonly #characters: number
  readonly #deadline: number
  readonly #milliseconds: number
  #done = 0
  #depth = 0
  #nextLook = 0
  /** Expressions whose text is put out. */
  readonly #outputs = new WeakSet<Node>()
  /** What loops run over: each item is a step. */
  readonly #loops = new WeakSet<Node>()
  /** Values that stand in the place of a node, which is made for that. */
  readonly #given = new WeakMap<Node, TemplateValue>()
  readonly #weights = new WeakMap<TemplateValue, number>()

  constructor(
    environment: Environment,
    program: Node,
    { steps = 1_000_000, characters = 2 ** 24, milliseconds = 5000 }: TemplateLimits,
  ) {
    super(environment)
    this.#steps = steps
    this.#characters = characters
    this.#milliseconds = milliseconds
    this.#deadline = performance.now() + milliseconds
    this.#findOutputs(program)
  }

  #findOutputs(node: Node): void {
    for (const name of bodies) {
      const body: unknown = Reflect.get(node, name)
      if (!Array.isArray(body)) continue
      for (const one of body as readonly Node[]) {
        if (!statements.has(one.type)) this.#outputs.add(one)
        this.#findOutputs(one)
      }
    }
  }

  #count(steps: number): void {
    this.#done += steps
    if (this.#done > this.#steps) throw new TemplateLimitError(`more than ${this.#steps} steps`)
    if (this.#done < this.#nextLook) return
    this.#nextLook = this.#done + 256
    if (performance.now() > this.#deadline)
      throw new TemplateLimitError(`more than ${this.#milliseconds} milliseconds`)
  }

  /** Refuses a text before it is made. */
  #allow(characters: number): void {
    if (characters > this.#characters)
      throw new TemplateLimitError(`a text of more than ${this.#characters} characters`)
  }

  /** Characters and items of a value, counted each time that it holds them. */
  #weigh(value: TemplateValue): number {
    if (isString(value)) return value.value.length
    const known = this.#weights.get(value)
    if (known !== undefined) return known
    let weight = 1
    if (isList(value)) for (const item of value.value) weight += this.#inner(item)
    else if (isMapping(value) || value.type === 'NamespaceValue')
      for (const [key, item] of value.value as Map<string, TemplateValue>)
        weight += key.length + this.#inner(item)
    this.#allow(weight)
    // What a namespace holds changes.
    if (value.type !== 'NamespaceValue') this.#weights.set(value, weight)
    return weight
  }

  #inner(value: TemplateValue): number {
    // Namespaces within others could hold each other, or themselves.
    if (value.type === 'NamespaceValue')
      throw new TemplateLimitError('a namespace within a list, a dictionary or another namespace')
    return 1 + this.#weigh(value)
  }

  override evaluate(node: Node | undefined, environment: Environment): TemplateValue {
    const given = node === undefined ? undefined : this.#given.get(node)
    if (given !== undefined) return given
    this.#count(1)
    if (node?.type === 'For') {
      const { iterable } = node as Node & { readonly iterable: Node & { readonly lhs?: Node } }
      this.#loops.add(iterable.type === 'SelectExpression' ? (iterable.lhs as Node) : iterable)
    }
    if (this.#depth >= deepest)
      throw new TemplateLimitError(`more than ${deepest} expressions within each other`)
    this.#depth += 1
    let made: TemplateValue
    try {
      made = (node && this.#asPython(node, environment)) ?? super.evaluate(node, environment)
    } finally {
      // Loops are left and continued by exceptions.
      this.#depth -= 1
    }
    const isLoop = node !== undefined && this.#loops.has(node)
    const value = isLoop ? asList(made) : made
    const weight = this.#weigh(value)
    this.#allow(weight)
    const items = isList(value) ? value.value.length : isMapping(value) ? value.value.size : 0
    this.#count(Math.floor(weight / sizeOfStep) + (isLoop ? items : 0))
    if (node === undefined || !this.#outputs.has(node) || isString(value)) return value
    return stringValue(pythonText(value))
  }

  /** A node that is a value, for calls of the package's own evaluation with what was evaluated already. */
  #standIn(value: TemplateValue): Node {
    const node: Node = { type: 'Given' }
    this.#given.set(node, value)
    return node
  }

  /** What differs from Python; undefined for the rest. */
  #asPython(node: Node, environment: Environment): TemplateValue | undefined {
    switch (node.type) {
      case 'BinaryExpression':
        return this.#binary(node as BinaryNode, environment)
      case 'FilterExpression':
        return this.#filter(node as FilterNode, environment)
      case 'FilterStatement': {
        const { body, filter } = node as Node & { readonly body: readonly Node[]; readonly filter: Node }
        const rendered = this.evaluate({ type: 'Program', body } as Node, environment)
        const operand = this.#standIn(rendered)
        return this.evaluate({ type: 'FilterExpression', operand, filter } as Node, environment)
      }
      case 'CallExpression':
        return this.#call(node as CallNode, environment)
      case 'TestExpression': {
        const { operand, test, negate } = node as TestNode
        if (test.value !== 'iterable') return undefined
        const value = this.evaluate(operand, environment)
        const hasItems = isString(value) || isList(value) || isMapping(value)
        return booleanValue((hasItems || value.type === 'UndefinedValue') !== negate)
      }
      default:
        return undefined
    }
  }

  #binary(node: BinaryNode, environment: Environment): TemplateValue | undefined {
    const { value: operator } = node.operator
    if (!['+', '~', '==', '!=', 'in', 'not in'].includes(operator)) return undefined
    const left = this.evaluate(node.left, environment)
    const right = this.evaluate(node.right, environment)
    if (operator === '~') {
      this.#allow(this.#weigh(left) + this.#weigh(right))
      return stringValue(pythonText(left) + pythonText(right))
    }
    if (
      operator === '+' &&
      isString(left) !== isString(right) &&
      left.type !== 'UndefinedValue' &&
      right.type !== 'UndefinedValue'
    )
      throw new Error(`+ takes two texts, or none: ${left.type} and ${right.type}`)
    if (operator === '==' || operator === '!=')
      return booleanValue(pythonEquals(left, right) === (operator === '=='))
    if (isList(right) && operator !== '+')
      return booleanValue(right.value.some((item) => pythonEquals(item, left)) === (operator === 'in'))
    const again: BinaryNode = { ...node, left: this.#standIn(left), right: this.#standIn(right) }
    return super.evaluate(again, environment)
  }

  /** A call's arguments; undefined where lists and dictionaries are spread into them. */
  #arguments(args: readonly Node[], environment: Environment): Arguments | undefined {
    if (args.some(({ type }) => type.endsWith('SpreadExpression'))) return undefined
    const positional: TemplateValue[] = []
    const named = new Map<string, TemplateValue>()
    for (const one of args) {
      if (one.type === 'KeywordArgumentExpression') {
        const { key, value } = one as Node & {
          readonly key: { readonly value: string }
          readonly value: Node
        }
        named.set(key.value, this.evaluate(value, environment))
      } else positional.push(this.evaluate(one, environment))
    }
    return { positional, named }
  }

  #filter(node: FilterNode, environment: Environment): TemplateValue | undefined {
    const isCall = node.filter.type === 'CallExpression'
    const { callee, args } = isCall ? (node.filter as CallNode) : { callee: node.filter, args: [] }
    const name: unknown = Reflect.get(callee, 'value')
    const operand = this.evaluate(node.operand, environment)
    const filter = typeof name === 'string' && Object.hasOwn(filters, name) ? filters[name] : undefined
    const given = filter === undefined ? undefined : this.#arguments(args, environment)
    const made =
      given && filter?.(operand, given, (characters) => this.#allow(characters), this.#weigh(operand))
    if (made !== undefined) return made
    const again: FilterNode = { ...node, operand: this.#standIn(operand) }
    return super.evaluate(again, environment)
  }

  #call(node: CallNode, environment: Environment): TemplateValue | undefined {
    if (node.callee.type !== 'MemberExpression') return undefined
    const { object, property, computed } = node.callee as MemberNode
    if (computed) return undefined
    const value = this.evaluate(object, environment)
    const method =
      isString(value) && Object.hasOwn(stringMethods, property.value)
        ? stringMethods[property.value]
        : undefined
    const given = method === undefined ? undefined : this.#arguments(node.args, environment)
    const made =
      given && isString(value)
        ? method?.(value.value, given, (characters) => this.#allow(characters))
        : undefined
    if (made !== undefined) return made
    const callee: MemberNode = { ...(node.callee as MemberNode), object: this.#standIn(value) }
    return super.evaluate({ ...node, callee } as CallNode, environment)
  }
}

/** What a loop runs over: the characters of a text, nothing where there is nothing. */
const asList = (value: TemplateValue): TemplateValue =>
  isString(value)
    ? listValue(Array.from(value.value, stringValue))
    : value.type === 'UndefinedValue'
      ? listValue([])
      : value

type Allow = (characters: number) => void

const textOf = (value: TemplateValue | undefined): string | undefined =>
  value !== undefined && isString(value) ? value.value : undefined
const wholeOf = (value: TemplateValue | undefined): number | undefined =>
  value?.type === 'IntegerValue' ? Number(value.value) : undefined
const isTrue = (value: TemplateValue | undefined): boolean => value?.__bool__().value ?? false
const lengthOf = (text: string): number => {
  let count = 0
  for (const _ of text) count += 1
  return count
}

function occurrences(text: string, part: string): number {
  let count = 0
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) count += 1
  return count
}

/** Python's `str.replace`. */
function replaced(text: string, { positional, named }: Arguments, allow: Allow): TemplateValue | undefined {
  const [from, to] = [textOf(positional[0]), textOf(positional[1])]
  if (from === undefined || to === undefined) return undefined
  const most = wholeOf(positional[2] ?? named.get('count')) ?? -1
  const parts = from === '' ? ['', ...text, ''] : undefined
  const found = parts === undefined ? occurrences(text, from) : parts.length - 1
  const count = most < 0 ? found : Math.min(most, found)
  allow(text.length + count * to.length)
  const pieces = parts ?? text.split(from)
  const head = pieces.slice(0, count + 1).join(to)
  return stringValue(
    head +
      pieces
        .slice(count + 1)
        .map((piece) => from + piece)
        .join(''),
  )
}

type Filter = (
  operand: TemplateValue,
  given: Arguments,
  allow: Allow,
  weight: number,
) => TemplateValue | undefined

/** Filters whose results differ from Python's, or may be far larger than what they are given. */
const filters: Readonly<Record<string, Filter>> = {
  string: (operand) => stringValue(pythonText(operand)),
  trim: (operand, { positional }) =>
    stringValue(stripped(pythonText(operand), textOf(positional[0]), 'both')),
  length: (operand) => (isString(operand) ? integerValue(lengthOf(operand.value)) : undefined),
  count: (operand) => (isString(operand) ? integerValue(lengthOf(operand.value)) : undefined),
  capitalize: (operand) => stringValue(capitalized(pythonText(operand))),
  list: (operand) =>
    isString(operand)
      ? listValue(Array.from(operand.value, stringValue))
      : isMapping(operand)
        ? listValue(Array.from(operand.value.keys(), stringValue))
        : undefined,
  join: (operand, { positional, named }, allow, weight) => {
    if (named.has('attribute') || positional.length > 1) return undefined
    const separator = pythonText(positional[0] ?? named.get('d') ?? stringValue(''))
    const items = isList(operand)
      ? operand.value
      : isString(operand)
        ? Array.from(operand.value, stringValue)
        : undefined
    if (items === undefined) return undefined
    allow(weight + items.length * separator.length)
    return stringValue(items.map(pythonText).join(separator))
  },
  replace: (operand, given, allow) => replaced(pythonText(operand), given, allow),
  indent: (operand, { positional, named }, allow) => {
    const text = pythonText(operand)
    const width = positional[0] ?? named.get('width')
    const spaces = wholeOf(width) ?? 4
    const lines = text.split('\n')
    allow(text.length + lines.length * Math.max(spaces, textOf(width)?.length ?? 0))
    const prefix = textOf(width) ?? ' '.repeat(Math.max(spaces, 0))
    const withFirst = isTrue(positional[1] ?? named.get('first'))
    const withBlank = isTrue(positional[2] ?? named.get('blank'))
    const indented = lines.map((line, i) =>
      (i === 0 && !withFirst) || (line === '' && !withBlank && i > 0) ? line : prefix + line,
    )
    return stringValue(indented.join('\n'))
  },
  tojson: (operand, { positional, named }, allow, weight) => {
    const [ensureAscii, indent, separators, sortKeys] = [
      'ensure_ascii',
      'indent',
      'separators',
      'sort_keys',
    ].map((name, i) => positional[i] ?? named.get(name))
    const spaces = wholeOf(indent)
    const marks =
      separators !== undefined && isList(separators) ? separators.value.map(pythonText) : undefined
    // Each item and each end of a list has its own line, indented by at most its level.
    const depth = spaces === undefined ? 0 : depthOf(operand)
    const marksLength = marks?.reduce((sum, mark) => sum + mark.length, 0) ?? 4
    allow(
      weight * 6 +
        2 *
          weight *
          (marksLength + Math.max(spaces ?? 0, 0) * (depth + 1)) *
          Number(spaces !== undefined || marks !== undefined),
    )
    return stringValue(
      pythonJson(operand, {
        ensureAscii: isTrue(ensureAscii),
        indent: spaces,
        separators: marks?.length === 2 ? [marks[0] as string, marks[1] as string] : undefined,
        sortKeys: isTrue(sortKeys),
      }),
    )
  },
}

function depthOf(value: TemplateValue): number {
  const items = isList(value) ? value.value : isMapping(value) ? [...value.value.values()] : []
  return items.reduce((most, item) => Math.max(most, 1 + depthOf(item)), 0)
}

const capitalized = (text: string): string => {
  const [first = '', ...rest] = text
  return first.toUpperCase() + rest.join('').toLowerCase()
}

type Method = (text: string, given: Arguments, allow: Allow) => TemplateValue | undefined

/** Methods of strings whose results differ from Python's, that the package lacks, or whose results may be large. */
const stringMethods: Readonly<Record<string, Method>> = {
  strip: (text, { positional }) => stringValue(stripped(text, textOf(positional[0]), 'both')),
  lstrip: (text, { positional }) => stringValue(stripped(text, textOf(positional[0]), 'left')),
  rstrip: (text, { positional }) => stringValue(stripped(text, textOf(positional[0]), 'right')),
  capitalize: (text) => stringValue(capitalized(text)),
  replace: replaced,
  join: (text, { positional }, allow) => {
    const [list] = positional
    if (list === undefined || !isList(list) || !list.value.every(isString)) return undefined
    const items = list.value.map(pythonText)
    allow(items.reduce((sum, item) => sum + item.length + text.length, 0))
    return stringValue(items.join(text))
  },
  removeprefix: (text, { positional }) => {
    const prefix = textOf(positional[0])
    if (prefix === undefined) return undefined
    return stringValue(text.startsWith(prefix) ? text.slice(prefix.length) : text)
  },
  removesuffix: (text, { positional }) => {
    const suffix = textOf(positional[0])
    if (suffix === undefined) return undefined
    return stringValue(suffix !== '' && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text)
  },
  find: (text, { positional }) => {
    const part = textOf(positional[0])
    if (part === undefined || positional.length > 1) return undefined
    const at = text.indexOf(part)
    return integerValue(at < 0 ? at : lengthOf(text.slice(0, at)))
  },
  count: (text, { positional }) => {
    const part = textOf(positional[0])
    if (part === undefined || part === '' || positional.length > 1) return undefined
    return integerValue(occurrences(text, part))
  },
  splitlines: (text) => {
    const lines = text.split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/)
    if (lines.at(-1) === '') lines.pop()
    return listValue(lines.map(stringValue))
  },
  isdigit: (text) => booleanValue(/^\p{Nd}+$/u.test(text)),
  isalpha: (text) => booleanValue(/^\p{L}+$/u.test(text)),
  isspace: (text) => booleanValue(text !== '' && stripped(text, undefined, 'both') === ''),
}
