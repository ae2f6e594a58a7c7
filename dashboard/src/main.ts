import './style/base.css'
import { mount } from 'svelte'
import { z } from 'zod'
import { installFonts } from './fonts.ts'
import { loadMessages } from './i18n/load.ts'
import { firstLanguage } from './page.svelte.ts'
import App from './view/App.svelte'

// schemas are compiled with `new Function` otherwise, which a strict content security policy forbids
z.config({ jitless: true })
installFonts()

const target = document.getElementById('app')
if (target) mount(App, { target, props: { texts: await loadMessages(firstLanguage()) } })
