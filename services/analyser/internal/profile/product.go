package profile

import (
	"strconv"
	"strings"
	"sync"
)

// A product is a program that many applications run, and what is known of it.
type product struct {
	name   string // "postgresql"
	role   string
	images string // last path elements of references to its images, between spaces; empty: its name
	words  string // how people name it, folded, between bars; empty: its name; "-": it is never taken from words
	image  string // image to run when only words name it; empty: there is none that everybody would take
	tag    string // tag of that image under which its makers publish a maintained version

	ports    string // on which it listens, the chief one first: "53/udp 53"
	stateful bool   // loses data that matters when its disk is lost
	data     string // where it keeps its data
	check    string // how its readiness is asked
	secrets  string // variables without which its image does not start, all of them secret

	small, normal size
}

// A size is what one instance needs.
type size struct {
	cpu    int32 // thousandths of a core
	memory int32 // MiB
	disk   int32 // GiB of data; 0: none
}

// A language is what programs are written in, with the sizes of an ordinary service in it.
type language struct {
	name          string
	images        string // last path elements of images that it runs in
	words         string // how people name it, between bars
	bare          bool   // the word alone means it; else it has to stand beside the word for a program
	small, normal size
}

// A framework tells what a program is for.
type framework struct {
	name, language, role string
	bare                 bool // as in language
	either               bool // serves pages as readily
	words                string
}

// products are the rows of every table.
var products = sync.OnceValue(func() []*product {
	var out []*product
	for _, rows := range [][]product{databases, carriers, fronts, watchers, services} {
		for i := range rows {
			out = append(out, &rows[i])
		}
	}
	return out
})

// productsByImage finds a product by the last path element of a reference.
var productsByImage = sync.OnceValue(func() map[string]*product {
	out := map[string]*product{}
	for _, p := range products() {
		names := p.images
		if names == "" {
			names = p.name
		}
		for name := range strings.FieldsSeq(names) {
			out[name] = p
		}
	}
	return out
})

// productsByPort finds the product that alone has a chief port.
var productsByPort = sync.OnceValue(func() map[int32]*product {
	out := map[int32]*product{}
	for _, p := range products() {
		list := p.listed()
		if len(list) == 0 || !dataRole(p.role) || list[0].number < 1024 || list[0].number == 8080 || list[0].number == 9000 {
			continue
		}
		if _, two := out[list[0].number]; !two {
			out[list[0].number] = p
		}
	}
	return out
})

// byName finds a product by its name.
var productsByName = sync.OnceValue(func() map[string]*product {
	out := map[string]*product{}
	for _, p := range products() {
		out[p.name] = p
	}
	return out
})

// listed are the ports of a product.
func (p *product) listed() []port {
	var out []port
	for text := range strings.FieldsSeq(p.ports) {
		number, protocol, ok := strings.Cut(text, "/")
		if !ok {
			protocol = "tcp"
		}
		n, err := strconv.ParseInt(number, 10, 32)
		if err == nil {
			out = append(out, port{number: int32(n), protocol: protocol})
		}
	}
	return out
}

// usesPort reports whether a product listens on a port by itself.
func (p *product) usesPort(number int32) bool {
	for _, own := range p.listed() {
		if own.number == number {
			return true
		}
	}
	return false
}

// base is the last path element of an image reference, without tag and digest, in lower case.
func base(reference string) string {
	reference, _, _ = strings.Cut(reference, "@")
	reference = reference[strings.LastIndexByte(reference, '/')+1:]
	reference, _, _ = strings.Cut(reference, ":")
	return strings.ToLower(reference)
}

// productOf finds the product that an image is.
func productOf(reference string) *product {
	name := base(reference)
	if p := productsByImage()[name]; p != nil {
		return p
	}
	if strings.HasSuffix(name, "-exporter") || strings.HasSuffix(name, "_exporter") {
		return productsByName()["exporter"]
	}
	return nil
}

// languageOf finds the language that an image is for.
func languageOf(reference string) *language {
	name := base(reference)
	for i := range languages {
		for image := range strings.FieldsSeq(languages[i].images) {
			if image == name {
				return &languages[i]
			}
		}
	}
	return nil
}

func languageNamed(name string) *language {
	for i := range languages {
		if languages[i].name == name {
			return &languages[i]
		}
	}
	return nil
}

func frameworkNamed(name string) *framework {
	for i := range frameworks {
		if frameworks[i].name == name {
			return &frameworks[i]
		}
	}
	return nil
}
