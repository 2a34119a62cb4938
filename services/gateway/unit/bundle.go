package gateway

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// sumsFile lists the SHA-256 of every other file of a bundle, as sha256sum -c reads it.
const sumsFile = "SHA256SUMS"

// bundleTime is the time that every file of a bundle bears: the first that the format can express.
var bundleTime = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// bundle packs files, and their sums, so that equal files give equal bytes: sorted by path, one fixed time and mode, and
// stored rather than compressed, since a compressor's output may change with its version.
func bundle(files []*provisov1.File) ([]byte, error) {
	sorted := slices.Clone(files)
	slices.SortFunc(sorted, func(a, b *provisov1.File) int { return strings.Compare(a.GetPath(), b.GetPath()) })
	var sums strings.Builder
	for i, f := range sorted {
		if f.GetPath() == sumsFile || (i > 0 && f.GetPath() == sorted[i-1].GetPath()) {
			return nil, fmt.Errorf("pack bundle: path %q is taken", f.GetPath())
		}
		sum := sha256.Sum256([]byte(f.GetContent()))
		fmt.Fprintf(&sums, "%s  %s\n", hex.EncodeToString(sum[:]), f.GetPath())
	}
	sorted = append(sorted, &provisov1.File{Path: sumsFile, Content: sums.String()})
	slices.SortFunc(sorted, func(a, b *provisov1.File) int { return strings.Compare(a.GetPath(), b.GetPath()) })

	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	for _, f := range sorted {
		header := &zip.FileHeader{Name: f.GetPath(), Method: zip.Store, Modified: bundleTime}
		header.SetMode(0o644)
		w, err := archive.CreateHeader(header)
		if err != nil {
			return nil, fmt.Errorf("pack bundle: %w", err)
		}
		if _, err := w.Write([]byte(f.GetContent())); err != nil {
			return nil, fmt.Errorf("pack bundle: %w", err)
		}
	}
	if err := archive.Close(); err != nil {
		return nil, fmt.Errorf("pack bundle: %w", err)
	}
	return out.Bytes(), nil
}
