/** The real platform: the only file of the data plane that touches the clock, dice, timers and the network. */
import { draw, instant } from '../config/units.ts'
import { certificateBinding } from './certificate-binding.ts'
import type { Platform } from './ports.ts'

/** One for each request: only `defer` and `cut` belong to it. */
export function platformFor(context: Pick<ExecutionContext, 'waitUntil' | 'abort'>, send: Platform['fetch'] = plainly): Platform {
  return {
    now,
    draw: roll,
    uuid,
    sleep,
    wakeAfter,
    fetch: send,
    defer: (work) => context.waitUntil(work),
    cut: (why) => context.abort(why),
  }
}

const now: Platform['now'] = () => instant(Date.now())

const roll: Platform['draw'] = () => draw(Math.random())

const uuid: Platform['uuid'] = () => crypto.randomUUID()

const sleep: Platform['sleep'] = (length, signal) =>
  new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const cancel = wakeAfter(length, resolve)
    signal?.addEventListener('abort', () => {
      cancel()
      resolve()
    })
  })

const wakeAfter: Platform['wakeAfter'] = (length, wake) => {
  const timer = setTimeout(wake, length)
  return () => clearTimeout(timer)
}

const plainly: Platform['fetch'] = (url, outgoing) => fetch(url, outgoing)

/** Through the bindings that present client certificates, where an endpoint names one. */
export function sendThrough(bindings: object): Platform['fetch'] {
  return (url, outgoing, name) => {
    if (name === undefined) return fetch(url, outgoing)
    const binding = certificateBinding(bindings, name)
    return binding !== undefined
      ? binding.fetch(url, outgoing)
      : Promise.reject(Object.assign(new Error(`there is no binding ${name}`), { unsent: true }))
  }
}

/** One line to the platform's log. */
export const writeLog = (line: string): void => console.log(line)
