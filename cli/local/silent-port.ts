/**
 * A loopback port on which the kernel answers no SYN: its queue of connections is full and nobody accepts. To whoever connects it
 * is a firewall that drops packets, made without privileges and ended with the process. A thread listens and then stands
 * still, because Node.js would accept.
 */
import { connect, type Socket } from 'node:net'
import { Worker } from 'node:worker_threads'

export interface SilentPort {
  readonly end: () => Promise<void>
}

/** Connections that the kernel completes by itself for a backlog of 1, with room to spare. */
const FILLERS_MAX = 16
/** A loopback connection that takes longer is not being made. */
const SILENCE_MS = 100

const LISTEN_AND_STAND_STILL = `
const { workerData, parentPort } = require('node:worker_threads')
const server = require('node:net').createServer()
server.on('error', (error) => { throw error })
server.listen({ port: workerData.port, host: '127.0.0.1', backlog: 1 }, () => {
  parentPort.postMessage('listening')
  Atomics.wait(workerData.gate, 0, 0)
  process.exit(0)
})`

export async function silencePort(port: number): Promise<SilentPort> {
  const gate = new Int32Array(new SharedArrayBuffer(4))
  const thread = new Worker(LISTEN_AND_STAND_STILL, { eval: true, workerData: { port, gate } })
  const exited = new Promise<void>((resolve) => thread.once('exit', () => resolve()))
  await new Promise<void>((resolve, reject) => {
    thread.once('message', () => resolve())
    thread.once('error', reject)
  })
  const fillers: Socket[] = []
  for (let i = 0; i < FILLERS_MAX; i += 1) {
    const filler = await tryConnect(port)
    if (filler === undefined) break
    fillers.push(filler)
  }
  return {
    end: async () => {
      for (const filler of fillers) filler.destroy()
      Atomics.store(gate, 0, 1)
      Atomics.notify(gate, 0)
      await exited
    },
  }
}

/** A connection, or `undefined` when none is made: then the port is silent. */
function tryConnect(port: number): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const timer = setTimeout(() => {
      socket.destroy()
      resolve(undefined)
    }, SILENCE_MS)
    socket.on('error', () => undefined)
    socket.once('connect', () => {
      clearTimeout(timer)
      resolve(socket)
    })
  })
}
