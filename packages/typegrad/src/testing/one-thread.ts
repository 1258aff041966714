import { createEngine, setEngine } from '../index.ts'

// For programs that tests start: an engine of one thread, which is not kept waiting for another program's.
setEngine(await createEngine({ threads: 1, spinning: false }))
