package metadata_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	provisov1 "proviso.dev/proto/proviso/v1"

	"proviso.dev/services/collector/internal/descriptor/fixture"
	"proviso.dev/services/collector/internal/descriptor/metadata"
	"proviso.dev/services/collector/internal/descriptor/reading"
)

// lines states a package as a component of its name, and whether it runs.
func lines(p metadata.Package) string {
	c := &provisov1.Component{Name: p.Name, Dependencies: p.Needs}
	if p.Runtime != nil {
		c.Runtimes = append(c.Runtimes, p.Runtime)
	}
	if p.Port != nil {
		c.Ports = append(c.Ports, p.Port)
	}
	if p.Command != nil {
		c.Commands = append(c.Commands, p.Command)
	}
	result := reading.Result{Components: []*provisov1.Component{c}, Problems: p.Result.Problems}
	return fixture.Tidy(strings.ReplaceAll(fixture.Lines(result), "component "+name(p)+" - @ -:0\n", "") + fmt.Sprintf("runs %t\n", p.Runs))
}

func name(p metadata.Package) string {
	if p.Name == "" {
		return "-"
	}
	return p.Name
}

func TestRead(t *testing.T) {
	tests := map[string]struct {
		reason  string
		file    string
		archive string
		want    string
	}{
		"Go": {
			reason: "Direct requirements only; a command below cmd makes it a program.",
			file:   "shop/go.mod",
			archive: `
-- shop/go.mod --
module example.org/acme/shop/v2

go 1.26.8

require (
	github.com/gin-gonic/gin v1.10.0
	github.com/jackc/pgx/v5 v5.7.0
	github.com/redis/go-redis/v9 v9.7.0 // indirect
)
-- shop/cmd/shop/main.go --
// Command shop sells.
package main
`,
			want: `
runtime shop go 1.26.8 gin @ shop/go.mod:3
port shop 8080/tcp @ shop/go.mod:6
depends shop postgresql external inferred @ shop/go.mod:7
runs true
`,
		},
		"GoLibrary": {
			reason:  "No main, no server framework: a library.",
			file:    "go.mod",
			archive: "-- go.mod --\nmodule example.org/lib\n\ngo 1.26\n-- lib.go --\npackage lib\n-- lib_test.go --\npackage main\n",
			want:    "runtime lib go 1.26 - @ go.mod:3\nruns false\n",
		},
		"Node": {
			reason: "The scope is no part of the name; tools for development say nothing of what runs.",
			file:   "package.json",
			archive: `
-- package.json --
{
  "name": "@acme/web",
  "engines": {"node": ">=22"},
  "scripts": {
    "build": "tsc",
    "start": "node dist/server.js"
  },
  "dependencies": {
    "express": "^5.0.0",
    "ioredis": "^5", "pg": "^8",
    "react": "^19"
  },
  "devDependencies": {"mongodb": "^6"}
}
`,
			want: `
runtime web node >=22 express @ package.json:3
command web node dist/server.js @ package.json:6
port web 3000/tcp @ package.json:9
depends web redis external inferred @ package.json:10
depends web postgresql external inferred @ package.json:10
runs true
`,
		},
		"NodeOdd": {
			reason:  "Values of other types than expected say nothing.",
			file:    "package.json",
			archive: "-- package.json --\n{\"name\": 7, \"scripts\": {\"start\": [1]}, \"engines\": {\"node\": null}, \"dependencies\": {\"koa\": {}}}\n",
			want:    "runtime - node - koa @ package.json:1\nport - 3000/tcp @ package.json:1\nruns true\n",
		},
		"Pyproject": {
			reason: "PEP 621.",
			file:   "pyproject.toml",
			archive: `
-- pyproject.toml --
[project]
name = "shop-api"
requires-python = ">=3.12"
dependencies = [
  "FastAPI[standard]>=0.115",
  "psycopg[binary] ; python_version > '3.8'",
  "aio_pika",
]
`,
			want: `
runtime shop-api python >=3.12 fastapi @ pyproject.toml:3
port shop-api 8000/tcp @ pyproject.toml:5
depends shop-api postgresql external inferred @ pyproject.toml:6
depends shop-api rabbitmq external inferred @ pyproject.toml:7
runs true
`,
		},
		"Poetry": {
			reason:  "Poetry's own tables.",
			file:    "pyproject.toml",
			archive: "-- pyproject.toml --\n[tool.poetry]\nname = \"worker\"\n[tool.poetry.dependencies]\npython = \"^3.11\"\ncelery = {version = \"^5\", extras = [\"redis\"]}\nredis = \"*\"\n",
			want:    "runtime worker python ^3.11 celery @ pyproject.toml:4\ndepends worker redis external inferred @ pyproject.toml:6\nruns false\n",
		},
		"Requirements": {
			reason:  "Options and comments are no requirements; a main makes a program.",
			file:    "api/requirements.txt",
			archive: "-- api/requirements.txt --\n# web\n-r base.txt\nFlask==3.1\npymongo[srv]>=4\n-- api/main.py --\n",
			want:    "runtime - python - flask @ api/requirements.txt:3\nport - 5000/tcp @ api/requirements.txt:3\ndepends - mongodb external inferred @ api/requirements.txt:4\nruns true\n",
		},
		"Maven": {
			reason: "Test dependencies and managed versions say nothing.",
			file:   "pom.xml",
			archive: `
-- pom.xml --
<?xml version="1.0" encoding="ISO-8859-1"?>
<project>
  <parent>
    <groupId>org.springframework.boot</groupId>
    <artifactId>spring-boot-starter-parent</artifactId>
    <version>3.4.0</version>
  </parent>
  <groupId>org.example</groupId>
  <artifactId>orders</artifactId>
  <properties>
    <java.version>21</java.version>
  </properties>
  <dependencyManagement><dependencies><dependency>
    <groupId>io.nats</groupId><artifactId>jnats</artifactId>
  </dependency></dependencies></dependencyManagement>
  <dependencies>
    <dependency>
      <groupId>org.springframework.boot</groupId>
      <artifactId>spring-boot-starter-web</artifactId>
      <exclusions><exclusion><artifactId>x</artifactId></exclusion></exclusions>
    </dependency>
    <dependency>
      <groupId>com.mysql</groupId>
      <artifactId>mysql-connector-j</artifactId>
      <scope>runtime</scope>
    </dependency>
    <dependency>
      <groupId>redis.clients</groupId>
      <artifactId>jedis</artifactId>
      <scope>test</scope>
    </dependency>
  </dependencies>
</project>
`,
			want: `
runtime orders java 21 spring-boot @ pom.xml:11
port orders 8080/tcp @ pom.xml:19
depends orders mysql external inferred @ pom.xml:24
runs true
`,
		},
		"MavenEntities": {
			reason:  "Entities are not expanded.",
			file:    "pom.xml",
			archive: "-- pom.xml --\n<!DOCTYPE p [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]>\n<project><artifactId>&b;</artifactId></project>\n",
			want:    "problem syntax @ pom.xml:2\nruns false\n",
		},
		"Gradle": {
			reason: "A script is read as text.",
			file:   "build.gradle.kts",
			archive: `
-- build.gradle.kts --
plugins {
    id("org.springframework.boot") version "3.4.0"
}
java { toolchain { languageVersion = JavaLanguageVersion.of(21) } }
dependencies {
    implementation("org.springframework.boot:spring-boot-starter-webflux")
    runtimeOnly("org.postgresql:postgresql:42.7.4")
    testImplementation("redis.clients:jedis:5.0.0")
}
-- settings.gradle.kts --
rootProject.name = "billing"
`,
			want: `
runtime billing java 21 spring-boot @ build.gradle.kts:4
port billing 8080/tcp @ build.gradle.kts:6
depends billing postgresql external inferred @ build.gradle.kts:7
runs true
`,
		},
		"Composer": {
			reason:  "Extensions of PHP say what it speaks to.",
			file:    "composer.json",
			archive: "-- composer.json --\n{\n  \"name\": \"acme/blog\",\n  \"require\": {\n    \"php\": \"^8.3\",\n    \"laravel/framework\": \"^11\",\n    \"ext-pdo_mysql\": \"*\"\n  }\n}\n",
			want:    "runtime blog php ^8.3 laravel @ composer.json:4\nport blog 8000/tcp @ composer.json:5\ndepends blog mysql external inferred @ composer.json:6\nruns true\n",
		},
		"Gemfile": {
			reason:  "Groups for development and tests say nothing.",
			file:    "Gemfile",
			archive: "-- Gemfile --\nsource \"https://rubygems.org\"\nruby \"3.3.6\"\ngem \"rails\", \"~> 8.0\"\ngem 'pg'\ngroup :development, :test do\n  gem \"mysql2\"\nend\ngem 'mongo', group: :test\ngem \"sidekiq\"\n",
			want:    "runtime - ruby 3.3.6 rails @ Gemfile:2\nport - 3000/tcp @ Gemfile:3\ndepends - postgresql external inferred @ Gemfile:4\ndepends - redis external inferred @ Gemfile:9\nruns true\n",
		},
		"Cargo": {
			reason:  "Features say which database a crate speaks to.",
			file:    "Cargo.toml",
			archive: "-- Cargo.toml --\n[package]\nname = \"api\"\nrust-version = \"1.80\"\n\n[dependencies]\naxum = \"0.8\"\nserde = \"1\"\nsqlx = { version = \"0.8\", features = [\"postgres\", \"runtime-tokio\"] }\n\n[dependencies.redis]\nversion = \"0.27\"\n",
			want:    "runtime api rust 1.80 axum @ Cargo.toml:3\nport api 3000/tcp @ Cargo.toml:6\ndepends api postgresql external inferred @ Cargo.toml:8\ndepends api redis external inferred @ Cargo.toml:10\nruns true\n",
		},
		"CargoWorkspace": {
			reason:  "A workspace is no package.",
			file:    "Cargo.toml",
			archive: "-- Cargo.toml --\n[workspace]\nmembers = [\"a\"]\n",
			want:    "runs false\n",
		},
		"BadTOML": {
			reason:  "The line of the error is kept.",
			file:    "Cargo.toml",
			archive: "-- Cargo.toml --\n[package]\nname = \n",
			want:    "problem syntax @ Cargo.toml:2\nruns false\n",
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got := lines(metadata.Read(fixture.Files(tc.archive), tc.file))
			if diff := cmp.Diff(fixture.Tidy(tc.want), got); diff != "" {
				t.Errorf("%s\n-want +got:\n%s", tc.reason, diff)
			}
		})
	}
}

// Nesting beyond measure ends as a problem, and neither as a used up stack nor as silence.
func TestReadHostile(t *testing.T) {
	many := 400_000
	tests := map[string]struct{ file, text string }{
		"TOMLArrays":  {"pyproject.toml", "a = " + strings.Repeat("[", many)},
		"TOMLLines":   {"Cargo.toml", "a = " + strings.Repeat("[\n", many)},
		"TOMLTables":  {"Cargo.toml", "a = " + strings.Repeat("{a=", many/3)},
		"JSON":        {"package.json", strings.Repeat("[", many)},
		"JSONObjects": {"composer.json", strings.Repeat(`{"a":`, many/5)},
		"XML":         {"pom.xml", strings.Repeat("<a>", many/3)},
		"GoMod":       {"go.mod", strings.Repeat("(", many)},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got := metadata.Read(fixture.File(tc.file, tc.text), tc.file)
			if len(got.Result.Problems) == 0 {
				t.Errorf("want a problem, got none and %v", got)
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	f.Add(uint8(0), "module a\ngo 1.26\nrequire github.com/lib/pq v1\n")
	f.Add(uint8(1), `{"name":"a","dependencies":{"pg":"1"}}`)
	f.Add(uint8(2), "[project]\nname='a'\ndependencies=['django']\n")
	f.Add(uint8(3), "flask==1\n")
	f.Add(uint8(4), "<project><dependencies><dependency><groupId>a</groupId></dependency></dependencies></project>")
	f.Add(uint8(5), "implementation 'a:b:1'\n")
	f.Add(uint8(8), "gem 'pg'\ngroup :test do\nend\n")
	f.Add(uint8(9), "[package]\nname='a'\n[dependencies]\nsqlx={features=['mysql']}\n")
	f.Fuzz(func(t *testing.T, kind uint8, text string) {
		name := metadata.Names[int(kind)%len(metadata.Names)]
		got := metadata.Read(fixture.File(name, text), name)
		if got.Runtime == nil && got.Port != nil {
			t.Errorf("a port needs a framework: %v", got)
		}
	})
}
