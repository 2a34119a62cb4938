// Package inventory makes the tables of docs/architecture that can be read off the code: packages and metrics.
//
// It owns the pages' form. What is in them comes from `go list` and from the table in pkg/observe, so that they cannot
// say anything else than the code. Streams, consumers and buckets have a page of their own, made by pkg/bus.
package inventory

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"

	"proviso.dev/pkg/observe"
)

// The pages, relative to the repository's root.
const (
	PackagesPage = "docs/architecture/packages.md"
	MetricsPage  = "docs/architecture/metrics.md"
)

// A Package is one row.
type Package struct {
	ImportPath string
	Name       string
	Doc        string // first sentence of the package comment
	GoFiles    []string
}

// Packages lists the packages of the workspace under root that hold more than tests, sorted by import path.
func Packages(root string) ([]Package, error) {
	cmd := exec.Command("go", "list", "-json=ImportPath,Name,Doc,GoFiles", "work")
	cmd.Dir = root
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("list packages: %w: %s", err, stderr.Bytes())
	}
	var pkgs []Package
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p Package
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return pkgs, nil
		} else if err != nil {
			return nil, fmt.Errorf("decode package: %w", err)
		}
		if len(p.GoFiles) > 0 {
			pkgs = append(pkgs, p)
		}
	}
}

// MetricTable renders the page of metrics.
func MetricTable(rows []observe.Row) []byte {
	var b bytes.Buffer
	b.WriteString("# Metrics\n\nMade by `make generate` from the table in pkg/observe; do not edit. Every service serves them under /metrics.\n\n" +
		"| metric | kind | labels | what it is |\n|---|---|---|---|\n")
	for _, r := range rows {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", r.Name, r.Kind, strings.Join(r.Labels, ", "), strings.ReplaceAll(r.Help, "|", `\|`))
	}
	return b.Bytes()
}

// PackageTable renders the page of packages.
func PackageTable(pkgs []Package) []byte {
	var b bytes.Buffer
	b.WriteString("# Packages\n\nMade by `make generate` from the package comments; do not edit. Imports run one way: proto <- pkg <- services/* <-\n" +
		"services/proviso <- test. The rules are tests in test/boundary.\n\n| package | what it is |\n|---|---|\n")
	for _, p := range pkgs {
		fmt.Fprintf(&b, "| `%s` | %s |\n", strings.TrimPrefix(p.ImportPath, "proviso.dev/"), strings.ReplaceAll(p.Doc, "|", `\|`))
	}
	return b.Bytes()
}
