// Package reference serves the API's reference on a developer's machine: the document, and a page that shows it and tries it out. The
// page is Swagger UI, which npm fetches once; a browser that shows it talks to this machine alone.
//
// Begin with [Handler].
package reference

import (
	"context"
	"embed"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"

	"pocket-devices/internal/local/fetched"
)

var (
	//go:embed package.json package-lock.json
	packages embed.FS
	//go:embed index.html page.js
	page embed.FS
)

// Fetch returns the folder of Swagger UI, which is kept in the folder cache. Its error is one sentence that says what to do.
func Fetch(ctx context.Context, cache string) (swaggerUI string, err error) {
	dir, err := fetched.Package{Name: "swagger-ui", Files: packages}.NPM(ctx, cache)
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "node_modules", "swagger-ui-dist"), nil
}

// policy lets the page load what is here and ask what is here, and nothing else. Swagger UI sets styles of elements.
const policy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Handler serves document, a file, at /openapi.yaml, and at / the page, of which swaggerUI is what [Fetch] returns; where that is empty
// there is no page. Every other request is api's.
func Handler(document, swaggerUI string, api http.Handler) http.Handler {
	type file struct {
		fs                fs.FS
		name, contentType string
	}
	served := map[string]file{"/openapi.yaml": {os.DirFS(filepath.Dir(document)), filepath.Base(document), "application/yaml"}}
	if swaggerUI != "" {
		served["/"] = file{page, "index.html", "text/html; charset=utf-8"}
		served["/page.js"] = file{page, "page.js", "text/javascript; charset=utf-8"}
		served["/swagger-ui.css"] = file{os.DirFS(swaggerUI), "swagger-ui.css", "text/css; charset=utf-8"}
		served["/swagger-ui-bundle.js"] = file{os.DirFS(swaggerUI), "swagger-ui-bundle.js", "text/javascript; charset=utf-8"}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f, ok := served[r.URL.Path]
		if !ok || r.Method != http.MethodGet && r.Method != http.MethodHead {
			api.ServeHTTP(w, r)
			return
		}
		header := w.Header()
		header.Set("Content-Type", f.contentType)
		header.Set("Content-Security-Policy", policy)
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Cache-Control", "no-cache") // so that what is edited is what is shown
		http.ServeFileFS(w, r, f.fs, f.name)
	})
}
