import { defineConfig } from 'vite';

// Where `npm run dev` finds a server to show.
const server = process.env['PLANEXE_AX'] ?? 'http://127.0.0.1:8090';

export default defineConfig({
  base: './',
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact', legalComments: 'none' },
  build: {
    target: 'es2022',
    outDir: process.env['DASHBOARD_OUT'] ?? 'dist',
    emptyOutDir: true,
    rollupOptions: { input: { index: 'index.html', docs: 'docs.html' } },
    // The page's policy allows nothing inline, so nothing may be put into the page as data: either.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: { proxy: { '/api': { target: server, ws: true, changeOrigin: true, rewriteWsOrigin: true, headers: { Origin: server } } } },
});
