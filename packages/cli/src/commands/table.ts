/** `commands/`: what the program can do, a folder each: a definition, and the work that is loaded when it is called. */
import type { Command, CommandDefinition, Run } from '../program/definition.ts'
import { completion } from './completion/definition.ts'
import { convert } from './convert/definition.ts'
import { doctor } from './doctor/definition.ts'
import { evaluate } from './evaluate/definition.ts'
import { forecast } from './forecast/definition.ts'
import { inspect } from './inspect/definition.ts'
import { newProject } from './new/definition.ts'
import { plot } from './plot/definition.ts'
import { predict } from './predict/definition.ts'
import { report } from './report/definition.ts'
import { summary } from './summary/definition.ts'
import { train } from './train/definition.ts'

/** A definition beside work of the same arguments and options. */
const command = <D extends CommandDefinition>(
  definition: D,
  load: () => Promise<{ readonly run: Run<D> }>,
): Command => ({ definition, load: load as Command['load'] })

/** All commands, in the order in which help names them. */
export const commands: readonly Command[] = [
  command(inspect, () => import('./inspect/inspect.ts')),
  command(train, () => import('./train/train.ts')),
  command(predict, () => import('./predict/predict.ts')),
  command(evaluate, () => import('./evaluate/evaluate.ts')),
  command(forecast, () => import('./forecast/forecast.ts')),
  command(report, () => import('./report/report.ts')),
  command(convert, () => import('./convert/convert.ts')),
  command(summary, () => import('./summary/summary.ts')),
  command(plot, () => import('./plot/plot.ts')),
  command(newProject, () => import('./new/new.ts')),
  command(doctor, () => import('./doctor/doctor.ts')),
  command(completion, async () => {
    const { runWith } = await import('./completion/completion.ts')
    return { run: runWith(commands) }
  }),
]
