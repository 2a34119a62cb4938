package gateway

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"time"

	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// manifestOf reads the manifest of the run that a request's path names.
func (d *door) manifestOf(r *http.Request) (*provisov1.Manifest, error) {
	v, err := d.loadFrom(r)
	if err != nil {
		return nil, err
	}
	if v.run.GetReply() != nil {
		return nil, &problem{code: codeReplied, language: v.run.GetLanguage()}
	}
	if v.run.GetManifest() == nil {
		return nil, &problem{code: codeNoManifest, language: v.run.GetLanguage(), args: []any{"state", v.run.GetState()}}
	}
	manifest, err := bus.GetMessage[*provisov1.Manifest](r.Context(), d.env.Artifacts, v.run.GetManifest())
	if err != nil {
		return nil, withLanguage(fmt.Errorf("read manifest: %w", err), v.run.GetLanguage())
	}
	return manifest, nil
}

func (d *door) showManifest(w http.ResponseWriter, r *http.Request) error {
	manifest, err := d.manifestOf(r)
	if err != nil {
		return err
	}
	body, err := wire.Encode(manifest)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "private, max-age=3600") // an artefact never changes
	sendJSON(w, http.StatusOK, body)
	return nil
}

// downloadBundle answers with the manifest's files as one archive.
func (d *door) downloadBundle(w http.ResponseWriter, r *http.Request) error {
	manifest, err := d.manifestOf(r)
	if err != nil {
		return err
	}
	archive, err := bundle(manifest.GetFiles())
	if err != nil {
		return err
	}
	sum := sha256.Sum256(archive)
	h := w.Header()
	h.Set("Content-Type", "application/zip")
	h.Set("Content-Disposition", `attachment; filename="proviso-`+manifest.GetRunId()+`.zip"`)
	h.Set("ETag", `"`+hex.EncodeToString(sum[:])+`"`)
	h.Set("Cache-Control", "private, max-age=3600")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(archive))
	return nil
}
