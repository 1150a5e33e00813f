/** Child processes that end with us: they hold a channel to their parent and leave when it breaks. */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Room for a child to end by itself before it is killed. */
const END_MS = 3_000

/** Starts a module of this project with the Node.js that runs us. */
export function startChild(module: URL, args: readonly string[] = []): ChildProcess {
  return fork(fileURLToPath(module), args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
}

/** Resolves with the first message that `accept` takes. Rejects when the child ends or `withinMs` passes before. */
export function waitForMessage<T>(child: ChildProcess, accept: (message: unknown) => T | undefined, withinMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer)
      child.off('message', onMessage)
      child.off('exit', onExit)
    }
    const onMessage = (message: unknown): void => {
      const accepted = accept(message)
      if (accepted === undefined) return
      end()
      resolve(accepted)
    }
    const onExit = (code: number | null, signal: string | null): void => {
      end()
      reject(new Error(`the process ended with ${signal ?? `code ${code}`}`))
    }
    const timer = setTimeout(() => {
      end()
      reject(new Error(`no answer within ${withinMs} ms`))
    }, withinMs)
    child.on('message', onMessage)
    child.on('exit', onExit)
  })
}

/** Asks the child to end, then makes it. Resolves when it is gone. */
export async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), END_MS)
  await gone
  clearTimeout(timer)
}
