/** What the compiler says of tables of options: a name that is missing or too many, and a check that refuses too much. */
import { anything, boolean, needed, number, oneOf, optionsOf, orNull } from './options.ts'

interface Options {
  readonly units: number
  readonly mode?: 'min' | 'max'
  readonly clip?: number | null
}

optionsOf<Options>()({ units: needed(number), mode: oneOf('min', 'max'), clip: orNull(number) })
optionsOf<Options>()({ units: needed(number), mode: anything, clip: anything })

// @ts-expect-error a name is missing
optionsOf<Options>()({ units: needed(number), mode: anything })
// @ts-expect-error a name too many
optionsOf<Options>()({ units: needed(number), mode: anything, clip: anything, depth: number })
const more = { depth: number }
// @ts-expect-error a name too many, though it comes by spreading
optionsOf<Options>()({ units: needed(number), mode: anything, clip: anything, ...more })
// @ts-expect-error what cannot be left out is needed
optionsOf<Options>()({ units: number, mode: anything, clip: anything })
// @ts-expect-error 'max' would be refused
optionsOf<Options>()({ units: needed(number), mode: oneOf('min'), clip: anything })
// @ts-expect-error null would be refused
optionsOf<Options>()({ units: needed(number), mode: anything, clip: number })
// @ts-expect-error another type
optionsOf<Options>()({ units: needed(boolean), mode: anything, clip: anything })
