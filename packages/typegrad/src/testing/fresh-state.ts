import { beforeEach } from 'vitest'
import { markUnwritten } from '../base/unwritten.ts'
import { setEngine } from '../engine/select.ts'
import { resetNames } from '../layers/base/naming.ts'
import { setRandomSeed } from '../random/generator.ts'
import { hash32 } from '../random/host.ts'
import { testEngine } from './test-engine.ts'

// Runs before each file of tests: files share a process and its modules, and none shall depend on those before it. Names
// begin anew, and what is random follows from the test's name, so that a test that passes once passes always.
resetNames()
markUnwritten()
setRandomSeed(0)
beforeEach(({ task }) => {
  setRandomSeed([...task.name].reduce((seed, letter) => hash32(seed ^ (letter.codePointAt(0) as number)), 0))
})

setEngine(await testEngine)
