/** Calls back when the text of a file has changed, however the editor writes it: in place, or as a new file under the old name. */
import { readFileSync, watch } from 'node:fs'
import { basename, dirname } from 'node:path'

/** Editors write in several steps. */
const SETTLE_MS = 100

/** Returns what ends the watch. A file that is gone for a moment is waited for. */
export function watchFile(file: string, changed: () => void): () => void {
  let text = readText(file)
  let timer: NodeJS.Timeout | undefined
  const look = (): void => {
    const now = readText(file)
    if (now === undefined || now === text) return
    text = now
    changed()
  }
  const watcher = watch(dirname(file), (_event, name) => {
    if (name !== null && name !== basename(file)) return
    clearTimeout(timer)
    timer = setTimeout(look, SETTLE_MS)
  })
  return () => {
    clearTimeout(timer)
    watcher.close()
  }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
