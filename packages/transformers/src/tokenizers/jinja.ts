import * as jinja from '@huggingface/jinja'

// The package's own types name their files without endings, which Node's resolution does not find: this is what is used.

/** A value within a template: `type` names its class. */
export interface TemplateValue {
  readonly type: string
  readonly value: unknown
  __bool__(): { readonly value: boolean }
}

/** Names and their values. */
export interface Environment {
  /** Declares what is no value of templates yet, and gives it as one. */
  set(name: string, value: unknown): TemplateValue
  setVariable(name: string, value: TemplateValue): TemplateValue
  lookupVariable(name: string): TemplateValue
}

/** A statement or an expression. */
export interface Node {
  readonly type: string
}

interface InterpreterMethods {
  run(program: Node): TemplateValue
  evaluate(node: Node | undefined, environment: Environment): TemplateValue
}

export const Environment: new () => Environment = jinja.Environment
export const Interpreter: new (environment: Environment) => InterpreterMethods = jinja.Interpreter

/** @throws for a text that is no template. */
export const parseTemplate = (template: string): Node =>
  jinja.parse(jinja.tokenize(template, { lstrip_blocks: true, trim_blocks: true }))
