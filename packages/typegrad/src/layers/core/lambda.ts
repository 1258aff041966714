import { ArgumentError } from '../../base/errors.ts'
import { anything, needed, optionsOf } from '../../base/options.ts'
import { takes } from '../../base/takes.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { type CallContext, type CallResult, Layer, type LayerOptions, layerChecks } from '../base/layer.ts'
import type { Mask, MasksOf } from '../base/masks.ts'
import type { Outputs } from '../base/symbolic.ts'

/** What a {@link lambda} layer computes. Only tensor operations: it is traced. */
export type LambdaFunction<In extends Outputs = Tensor, Out extends Outputs = Outputs> = (
  inputs: In,
  context: CallContext,
) => Out

const registered = new Map<string, LambdaFunction<never>>()

/**
 * Lets saved models contain a function: a file keeps its name alone, never its code.
 *
 * @throws ArgumentError if another function has the name.
 * @example
 * registerLambda('double', (x) => x.mul(2))
 * layers.lambda('double')
 */
export function registerLambda<In extends Outputs = Tensor>(name: string, fn: LambdaFunction<In>): void {
  const known = registered.get(name)
  if (known !== undefined && known !== (fn as LambdaFunction<never>)) {
    throw new ArgumentError({
      where: 'registerLambda',
      expected: 'a name that no other function has',
      received: `'${name}'`,
    })
  }
  registered.set(name, fn as LambdaFunction<never>)
}

const nameOf = (fn: LambdaFunction<never>): string | undefined =>
  [...registered].find(([, known]) => known === fn)?.[0]

export interface LambdaOptions<In extends Outputs = Tensor, Out extends Outputs = Outputs>
  extends LayerOptions {
  /** The function, or the name under which it was registered. */
  readonly function: LambdaFunction<In, Out> | string
  /**
   * Which steps of the output count: a mask (batch, time), or a function that makes it of the inputs and their mask
   * (of a list of inputs a list of masks). Default: all, as in Keras; the function is told of the input's mask in its
   * context all the same. It is not saved.
   */
  readonly mask?: Tensor | ((inputs: In, mask: MasksOf<In>) => Mask)
}

export const lambdaChecks = optionsOf<LambdaOptions>()({
  function: needed(anything),
  mask: anything,
  ...layerChecks,
})

/** A function as a layer; see {@link lambda}. */
@takes(lambdaChecks)
export class Lambda<In extends Outputs = Tensor, out Out extends Outputs = Tensor> extends Layer<In, Out> {
  readonly className = 'Lambda'
  readonly function: LambdaFunction<In>
  readonly #mask: LambdaOptions<In>['mask']

  constructor({ function: fn, mask, ...options }: LambdaOptions<In>) {
    super(options)
    this.#mask = mask
    this.function = typeof fn === 'function' ? fn : found<In>(fn)
  }

  override get supportsMasking(): boolean {
    return true
  }

  /** The function decides. */
  override get callOptions() {
    return 'any' as const
  }

  override computeMask(inputs: In, mask: MasksOf<In>): Mask {
    return typeof this.#mask === 'function' ? this.#mask(inputs, mask) : this.#mask
  }

  call(inputs: In, context: CallContext): CallResult<Out> {
    return this.function(inputs, context) as CallResult<Out>
  }

  /** Keeps the function's name, if it was registered: code is never saved. */
  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), function: nameOf(this.function as LambdaFunction<never>) ?? null }
  }
}

/** `saved` comes out of a file: anything but a registered name is refused, and nothing of it is run. */
function found<In extends Outputs>(saved: unknown): LambdaFunction<In> {
  const fn = typeof saved === 'string' ? registered.get(saved) : undefined
  if (fn !== undefined) return fn as unknown as LambdaFunction<In>
  throw new ArgumentError({
    where: 'Lambda',
    expected: 'a function, or the name of one that was registered (code in files is never run)',
    received: typeof saved === 'string' ? `'${saved}'` : saved == null ? 'none' : 'saved code',
    fix: "Register it before loading, and before saving: registerLambda('name', fn).",
  })
}

/**
 * A function as a layer, for what has no weights. All steps of its output count unless `mask` says otherwise. Its code is not saved with a model: register it by name to
 * save and load it, or extend Layer.
 *
 * @throws ArgumentError for a name that no function was registered under.
 * @example
 * layers.lambda((x) => x.square())
 * layers.lambda({ function: (x) => x.mul(2), name: 'double' })
 */
export const lambda = <In extends Outputs = Tensor, Out extends Outputs = Tensor>(
  options: LambdaOptions<In, Out> | LambdaFunction<In, Out> | string,
): Lambda<In, Out> => new Lambda(typeof options === 'object' ? options : { function: options })
