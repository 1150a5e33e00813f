/** Runs the project's commands as a user would, in processes of their own, and knows which processes they leave behind. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

export const PROJECT = resolve(import.meta.dirname, '../..')

export interface Finished {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export function run(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  withinMs = 60_000,
): Promise<Finished> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(PROJECT, file), ...args],
      { cwd: PROJECT, env: { ...process.env, ...env }, timeout: withinMs, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, stdout, stderr }),
    )
  })
}

/** A command that goes on, with what it has said so far. */
export class Running {
  readonly child: ChildProcess
  said = ''

  constructor(file: string, args: readonly string[], env: Readonly<Record<string, string>>) {
    this.child = spawn(process.execPath, [join(PROJECT, file), ...args], {
      cwd: PROJECT,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [this.child.stdout, this.child.stderr]) stream?.on('data', (chunk) => (this.said += String(chunk)))
  }

  /** Waits until it has said something, and not longer. */
  says(words: RegExp, withinMs: number): Promise<void> {
    return until(`"${words}" in:\n${this.said}`, withinMs, async () => words.test(this.said))
  }

  async ends(withinMs: number): Promise<number | null> {
    await until('the end of the process', withinMs, async () => this.child.exitCode !== null || this.child.signalCode !== null)
    return this.child.exitCode
  }
}

/** Asks again and again, because what is waited for happens in other processes. */
export async function until(what: string, withinMs: number, holds: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + withinMs
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`waited ${withinMs} ms in vain for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** A process and all that it started, and all that those did. */
export function familyOf(pid: number): number[] {
  const parents = new Map<number, number>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const parent = parentOf(Number(name))
    if (parent !== undefined) parents.set(Number(name), parent)
  }
  const family = [pid]
  for (let at = 0; at < family.length; at += 1) for (const [child, parent] of parents) if (parent === family[at]) family.push(child)
  return family
}

/** Without those that have ended and whose parent has not looked yet. */
export const alive = (pids: readonly number[]): number[] => pids.filter((pid) => parentOf(pid) !== undefined)

function parentOf(pid: number): number | undefined {
  try {
    const [, state, parent] = /\) (\S) (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? []
    return state === 'Z' || parent === undefined ? undefined : Number(parent)
  } catch {
    return undefined
  }
}
