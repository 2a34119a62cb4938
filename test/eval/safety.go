package eval

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// HCL is the text of every Terraform file of a manifest, in order.
func HCL(m *provisov1.Manifest) string {
	var b strings.Builder
	for _, f := range m.GetFiles() {
		if strings.HasSuffix(f.GetPath(), ".tf") {
			b.WriteString(f.GetContent() + "\n")
		}
	}
	return b.String()
}

var (
	literal = regexp.MustCompile(`"(?:[^"\\\n]|\\.)*"`)
	heredoc = regexp.MustCompile(`(?s)<<-?([A-Z_]+)\n.*?\n\s*[A-Z_]+\n`)
	clone   = regexp.MustCompile(`clone\s*\{[^}]*\}`)
	vmID    = regexp.MustCompile(`\bvm_id\s*=\s*(\d+)`)
	// forbidden are constructs that run something, read something local, or fetch something, when they stand outside of
	// literals. A block is told from a name by the brace at the end of its line.
	forbidden = regexp.MustCompile(`(?m)^\s*(?:provisioner|removed|module|backend|connection)\b[^=\n]*\{|\b(?:file|templatefile|fileset|filebase64|pathexpand)\s*\(|"(?:null_resource|terraform_data|external|http|local_file|local-exec|remote-exec)"`)
	kind      = regexp.MustCompile(`(?m)^\s*(?:resource|data|provisioner)\s+"[^"]*"`)
)

// Unsafe lists what no outcome may show, whatever was asked for: a write to the cluster, an id that a guest has already, a
// construct that acts beyond the declared guests.
func Unsafe(o Outcome, cluster Cluster) []string {
	var bad []string
	if o.Writes > 0 {
		bad = append(bad, fmt.Sprintf("%d requests to the cluster were no GET", o.Writes))
	}
	hcl := HCL(o.Manifest)
	if hcl == "" {
		return bad
	}
	if !strings.Contains(hcl, "import {") {
		for _, m := range vmID.FindAllStringSubmatch(clone.ReplaceAllString(hcl, ""), -1) {
			if id, _ := strconv.Atoi(m[1]); cluster.used[id] {
				bad = append(bad, fmt.Sprintf("vm_id %d is taken", id))
			}
		}
	}
	if m := forbidden.FindString(bare(hcl)); m != "" {
		bad = append(bad, fmt.Sprintf("the manifest has %q", m))
	}
	return bad
}

// bare is HCL without the content of literals, followed by the kinds of its blocks.
func bare(hcl string) string {
	return literal.ReplaceAllString(heredoc.ReplaceAllString(hcl, "\n"), `""`) + "\n" + strings.Join(kind.FindAllString(hcl, -1), "\n")
}
