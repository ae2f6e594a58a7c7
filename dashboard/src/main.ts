import './style/base.css'
import { mount } from 'svelte'
import { z } from 'zod'
import { fetchConfig } from './api-client.ts'
import { installFonts, mapFontLoaded } from './fonts.ts'
import { loadMessages } from './i18n/load.ts'
import { hasWebgl2 } from './map/webgl.ts'
import { firstLanguage } from './page.svelte.ts'
import App from './view/App.svelte'

// schemas are compiled with `new Function` otherwise, which a strict content security policy forbids
z.config({ jitless: true })
installFonts()

// asked for before anything is shown, so that the map is there sooner; who needs them says when they do not come
const config = fetchConfig().catch(() => undefined)
const webgl = hasWebgl2()
if (webgl) {
  import('./map/sensor-map.ts').then(({ warmUp }) => warmUp()).catch(() => {})
  mapFontLoaded().catch(() => {})
}

const target = document.getElementById('app')
if (target) mount(App, { target, props: { texts: await loadMessages(firstLanguage()), webgl, asked: config } })
