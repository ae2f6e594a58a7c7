/** The mark of a lamp that is overridden by hand (SVG, around 0, 0): a rotary switch. By shape alone, in the colour of text: no severity. */
export const manualShape = { ring: 'M0-6A6 6 0 1 1-.01-6Z', lever: 'M4.3-4.3L8-8' } as const
