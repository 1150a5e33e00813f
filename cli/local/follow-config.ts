/** Keeps a running gateway at its configuration file: a good edit is taken up, a broken one is told and changes nothing. */

import { loadGateway } from '../load-gateway.ts'
import { paintFor, showDefects } from '../show-defects.ts'
import { type GatewayFiles, writeBase } from './gateway-files.ts'
import { watchFile } from './watch-file.ts'
import type { WranglerDev } from './wrangler-dev.ts'

/** Room for wrangler to bundle and start its runtime anew. */
const RELOAD_MS = 30_000

interface Followed {
  readonly file: string
  /** What people call the file. */
  readonly shown: string
  readonly files: GatewayFiles
  readonly wrangler: WranglerDev
  readonly say: (text: string) => void
  /** Of what is in force now. */
  readonly hash: string
}

/** Returns what ends it. */
export function followConfig(followed: Followed): () => void {
  let hash = followed.hash
  let turn: Promise<void> = Promise.resolve()
  const takeUp = async (): Promise<void> => {
    const loaded = loadGateway(followed.file, { local: true })
    if (!loaded.ok) {
      const defects = loaded.defects.map((one) => ({ ...one, file: followed.shown }))
      followed.say(
        `${showDefects(defects, paintFor(process.stdout, process.env))}\nThe last good configuration stays in force until ${followed.shown} is mended.`,
      )
      return
    }
    if (loaded.base.hash === hash) {
      followed.say(`${followed.shown} says the same as what is in force.`)
      return
    }
    const reloaded = followed.wrangler.reloaded(RELOAD_MS)
    followed.files.bind(loaded.base)
    writeBase(followed.files.base, loaded.base)
    hash = loaded.base.hash
    followed.say(
      (await reloaded) ? `${followed.shown} is in force (${hash}).` : `${followed.shown} was not taken up within ${RELOAD_MS / 1000} s.`,
    )
  }
  return watchFile(followed.file, () => {
    turn = turn.then(takeUp).catch((error: Error) => followed.say(`${followed.shown} cannot be read: ${error.message}`))
  })
}
