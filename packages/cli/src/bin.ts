#!/usr/bin/env node
import { runTypegrad } from './run.ts'
import { processTerminal } from './terminal/process-terminal.ts'

const code = await runTypegrad(process.argv.slice(2), processTerminal())
process.exitCode = code
// What was interrupted may still compute; its files are settled.
if (code === 130) process.exit()
