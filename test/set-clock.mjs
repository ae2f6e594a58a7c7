// Loaded before anything else of a process: its clock is wrong by what the file named in CLOCK_OFFSET_FILE holds (ms), which is
// looked at all the time. The time that passes (performance.now, timers) is not touched, as when somebody sets a machine's clock.
import { readFileSync } from 'node:fs'

const file = process.env.CLOCK_OFFSET_FILE ?? ''
const RealDate = Date
const realNow = Date.now.bind(Date)
let offsetMs = 0
let lookAt = 0

function now() {
  if (performance.now() >= lookAt) {
    lookAt = performance.now() + 50
    try {
      offsetMs = Number(readFileSync(file, 'utf8')) || 0
    } catch {
      // it is being written
    }
  }
  return realNow() + offsetMs
}

globalThis.Date = class extends RealDate {
  constructor(...args) {
    if (args.length === 0) super(now())
    else super(...args)
  }
  static now() {
    return now()
  }
}
