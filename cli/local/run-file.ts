/** Where a running `npm start` left word of itself, so that `region` and `status` find it. One that has ended is told apart from one that runs. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { err, ok, type Result } from '../../config/result.ts'
import type { IssuerPorts } from './issuer.ts'
import type { IngressPorts } from './sample-regions.ts'

export interface RunFile {
  readonly pid: number
  readonly url: string
  /** Of the port that asks for client certificates. */
  readonly tlsUrl?: string
  /** Of this run: opens the operators' paths. */
  readonly token: string
  /** The configuration that it serves. */
  readonly config: string
  /** Whose tokens `npx meridian token` makes; absent with the user's own configuration. */
  readonly issuer?: { readonly url: string; readonly ports: IssuerPorts }
  /** Empty when it serves the user's own configuration. */
  readonly regions: readonly RunningRegion[]
}

export interface RunningRegion {
  readonly id: string
  readonly cloud: string
  readonly region: string
  readonly ports: IngressPorts
}

export const PROJECT = resolve(import.meta.dirname, '../..')

/** Certificates, state of the local runtime, and the run file. `MERIDIAN_STATE` names another folder, for a second run beside the first. */
export function stateFolder(): string {
  return resolve(PROJECT, process.env['MERIDIAN_STATE'] ?? '.meridian')
}

const runPath = (): string => join(stateFolder(), 'run.json')

export function writeRun(run: RunFile): void {
  mkdirSync(stateFolder(), { recursive: true, mode: 0o700 })
  const draft = `${runPath()}.${process.pid}`
  // It holds the token.
  writeFileSync(draft, JSON.stringify(run, null, 2), { mode: 0o600 })
  renameSync(draft, runPath())
}

export function removeRun(): void {
  const run = readRun()
  // Another start may have taken the place of ours.
  if (run.ok && run.value.pid === process.pid) rmSync(runPath(), { force: true })
}

/** The run that is going on, or why there is none. */
export function readRun(): Result<RunFile, string> {
  let text: string
  try {
    text = readFileSync(runPath(), 'utf8')
  } catch {
    const state = process.env['MERIDIAN_STATE']
    if (state === undefined) return err('nothing is running here; start it with: npm start')
    return err(`nothing is running with MERIDIAN_STATE=${state}; start it so, or unset it: npm start`)
  }
  let run: RunFile
  try {
    run = JSON.parse(text) as RunFile
  } catch {
    return err(`${runPath()} cannot be read; delete it and start again: npm start`)
  }
  if (!isAlive(run.pid)) return err('the last run has ended without a goodbye; start again: npm start')
  return ok(run)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
