package gateway

import (
	"io/fs"
	"net/http"
	"strings"

	contract "proviso.dev/proto"
)

const schemaSuffix = ".schema.strict.bundle.json"

// listSchemas answers with the names of the contract's JSON Schemas.
func (d *door) listSchemas(w http.ResponseWriter, _ *http.Request) error {
	files, err := fs.Glob(contract.Schemas, "schema/*"+schemaSuffix)
	if err != nil {
		return err
	}
	list := struct {
		Schemas []string `json:"schemas"`
	}{Schemas: make([]string, 0, len(files))}
	for _, f := range files {
		list.Schemas = append(list.Schemas, "/schemas/"+strings.TrimSuffix(strings.TrimPrefix(f, "schema/"), schemaSuffix))
	}
	return respond(w, http.StatusOK, list)
}

// showSchema answers with one schema: /schemas/proviso.v1.ProvisionIntent, or with the file's whole name.
func (d *door) showSchema(w http.ResponseWriter, r *http.Request) error {
	name := strings.TrimSuffix(r.PathValue("name"), schemaSuffix)
	data, err := contract.Schemas.ReadFile("schema/" + name + schemaSuffix)
	if err != nil {
		return &problem{code: codeNotFound}
	}
	h := w.Header()
	h.Set("Content-Type", "application/schema+json")
	h.Set("Cache-Control", "public, max-age=3600")
	_, _ = w.Write(data)
	return nil
}
