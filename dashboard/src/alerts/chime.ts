import { readPreference, savePreference } from '../ui/preferences.ts'

/** Whether the operator has asked for a sound in this browser. */
export const isSoundWanted = (): boolean => readPreference('sound') === 'on'

/** Remembers what the operator wants. */
export function wantSound(wanted: boolean): void {
  savePreference('sound', wanted ? 'on' : 'off')
}

let context: AudioContext | undefined

/** The sound of a new alarm: two short tones. Does nothing where the browser has no sound, or allows none before the user has touched the page. */
export function chime(): void {
  context ??= new AudioContext()
  if (context.state === 'suspended') void context.resume()
  for (const [at, hertz] of [
    [0, 880],
    [0.18, 660],
  ] as const) {
    const tone = context.createOscillator()
    const loudness = context.createGain()
    const start = context.currentTime + at
    tone.frequency.value = hertz
    loudness.gain.setValueAtTime(0.2, start)
    loudness.gain.exponentialRampToValueAtTime(0.001, start + 0.16)
    tone.connect(loudness).connect(context.destination)
    tone.start(start)
    tone.stop(start + 0.17)
  }
}
