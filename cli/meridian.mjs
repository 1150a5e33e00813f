#!/usr/bin/env node
// Starts cli/main.ts. Node.js reads TypeScript by itself from 22.18 on; an older one hands over to the project's own.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import module from 'node:module'
import { fileURLToPath } from 'node:url'

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

if (major > 22 || (major === 22 && minor >= 18)) {
  // What was compiled the last time is taken again: half of a command's time is reading its own files.
  module.enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/compile', import.meta.url)))
  await import('./main.ts')
} else {
  const own = ['node', 'node.exe']
    .map((name) => fileURLToPath(new URL(`../node_modules/node/bin/${name}`, import.meta.url)))
    .find((file) => existsSync(file))
  if (own === undefined) {
    process.stderr.write(`meridian needs Node.js 22.18 or newer; this is ${process.versions.node}. "npm ci" brings one.\n`)
    process.exit(2)
  }
  const main = fileURLToPath(new URL('./main.ts', import.meta.url))
  const child = spawn(own, [main, ...process.argv.slice(2)], { stdio: 'inherit' })
  // The terminal sends Ctrl-C to both; this one waits for the other's answer.
  process.on('SIGINT', () => undefined)
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  child.on('error', (error) => {
    process.stderr.write(`${error.message}\n`)
    process.exitCode = 2
  })
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1)
  })
}
