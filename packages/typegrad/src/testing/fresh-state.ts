import { beforeEach } from 'vitest'
import { markUnwritten } from '../base/unwritten.ts'
import { createEngine, getEngine, setEngine } from '../engine/select.ts'
import { resetNames } from '../layers/base/naming.ts'
import { setRandomSeed } from '../random/generator.ts'
import { hash32 } from '../random/host.ts'

// Runs before each file of tests: files share a process and its modules, and none shall depend on those before it. Names
// begin anew, and what is random follows from the test's name, so that a test that passes once passes always.
resetNames()
markUnwritten()
setRandomSeed(0)
beforeEach(({ task }) => {
  setRandomSeed([...task.name].reduce((seed, letter) => hash32(seed ^ (letter.codePointAt(0) as number)), 0))
})

// Two files run at a time: an engine whose threads wait by keeping a core busy takes it from the other file (8 % of
// the time of the layers' tests).
if (getEngine() === undefined) setEngine(await createEngine({ spinning: false }))
