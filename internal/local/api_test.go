package main

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"pocket-devices/internal/local/sample"
	"pocket-devices/internal/request"
)

// The page's sample request, byte for byte on the wire, gets the page's sample answer (C-15).
func TestSampleByteForByte(t *testing.T) {
	base, stdout := runStack(t, nil)
	conn, err := net.Dial("tcp", strings.TrimPrefix(base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	body := "{\n  \"AssociateId\": 117\n}"
	fmt.Fprintf(conn, "POST /api/v1/Agents/Pocket/GetRegisteredDevices HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n"+
		"Authorization: Basic dGplMDpUamUw\r\nAccept: application/json; charset=utf-8\r\nAccept-Language: en\r\n"+
		"Content-Type: application/json; charset=utf-8\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	answer, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	head, got, _ := strings.Cut(string(answer), "\r\n\r\n")
	if got != sampleAnswer {
		t.Errorf("the answer is %s", got)
	}
	for _, line := range []string{"HTTP/1.1 200 OK", "Content-Type: application/json; charset=utf-8", "Cache-Control: no-store", "X-Content-Type-Options: nosniff", "X-Request-Id: "} {
		if !strings.Contains(head+"\r\n", line) {
			t.Errorf("the head %q lacks %q", head, line)
		}
	}
	for _, part := range []string{"is at " + base + "/\n", "curl " + base + request.Path, "-H 'Authorization: Basic dGplMDpUamUw'", "is answered with 200", sampleAnswer, " POST " + request.Path + " 200 "} {
		if !strings.Contains(stdout.String(), part) {
			t.Errorf("what is printed lacks %q:\n%s", part, stdout)
		}
	}
}

// Who gets what, through gateway, authorizer, function and DynamoDB.
func TestWhole(t *testing.T) {
	base, stdout := runStack(t, nil)
	basic := func(credential string) []string { return []string{"Authorization", "Basic " + credential} }
	tje, sal, adm := basic("dGplMDpUamUw"), basic("c2FsMDpTYWww"), basic("YWRtMDpBZG0w")
	tests := []struct {
		name         string
		method, path string
		body         string
		fields       []string
		status       int
		want         string // the answer; for an error its ErrorType
	}{
		{"own", "POST", request.Path, `{"AssociateId":117}`, tje, 200, sampleAnswer},
		{"own, as the official client asks", "POST", request.Path, `{"associateId":117}`, append(tje, "Accept", "application/json", "Content-Type", "application/json"), 200, sampleAnswer},
		{"own, by ticket", "POST", request.Path, `{"AssociateId":117}`, []string{"Authorization", "SOTicket 7T:tje0", "SO-AppToken", "any"}, 200, sampleAnswer},
		{"own, by token", "POST", request.Path, `{"AssociateId":117}`, []string{"Authorization", "Bearer 8A:Cust12345.tje0"}, 200, sampleAnswer},
		{
			"own, by cookie", "POST", request.Path, `{"AssociateId":117}`,
			[]string{"Authorization", "", "Cookie", "ASP.NET_SessionId=tje0; XSRF-TOKEN=local", "X-XSRF-TOKEN", "local"},
			200, sampleAnswer,
		},
		{
			"two", "POST", request.Path, `{"AssociateId":"118"}`, append(sal, "Accept-Language", ""), 200,
			`[{"DeviceName":"Sallys iPad","DeviceIdentifier":"5f0c3f0e-ipad","PocketVersion":"9.4.12","Language":"en","PNSHandle":"local-handle-of-the-ipad","Platform":"Apple","OSVersion":"iOS v18.1"},` +
				`{"DeviceName":"NO:\"Min telefon\";US:\"My phone\"","DeviceIdentifier":"9d1b77a2-phone","PocketVersion":"9.4.12","Language":"no","PNSHandle":"local-handle-of-the-phone","Platform":"Google","OSVersion":"Android 15"}]`,
		},
		{"none", "POST", request.Path, `{"AssociateId":200}`, adm, 200, `[]`},
		{"anybody's, as an administrator", "POST", request.Path, `{"AssociateId":117}`, adm, 200, sampleAnswer},
		{"another's", "POST", request.Path, `{"AssociateId":118}`, tje, 403, "Forbidden"},
		{"nobody's", "POST", request.Path, `{"AssociateId":4711}`, tje, 403, "Forbidden"},
		{"no credential", "POST", request.Path, `{"AssociateId":117}`, []string{"Authorization", ""}, 401, "Unauthorized"},
		{"a wrong password", "POST", request.Path, `{"AssociateId":117}`, basic("dGplMDp3cm9uZw=="), 401, "Unauthorized"},
		{"a cookie without token", "POST", request.Path, `{"AssociateId":117}`, []string{"Authorization", "", "Cookie", "ASP.NET_SessionId=tje0; XSRF-TOKEN=local"}, 401, "Unauthorized"},
		{"an unknown path", "POST", "/api/v1/Agents/Pocket/Nothing", `{"AssociateId":117}`, tje, 404, "NotFound"},
		{"another method", "GET", request.Path, ``, tje, 404, "NotFound"},
		{"beside the reference page", "GET", "/index.html", ``, tje, 404, "NotFound"},
		{"the reference page, as an API", "POST", "/", ``, tje, 404, "NotFound"},
		{"half a body", "POST", request.Path, `{"AssociateId":117`, tje, 400, "InvalidBody"},
		{"no associate", "POST", request.Path, `{}`, tje, 400, "InvalidAssociateId"},
		{"a large body", "POST", request.Path, strings.Repeat(" ", 5000), tje, 413, "BodyTooLarge"},
		{"another content type", "POST", request.Path, `{"AssociateId":117}`, append(tje, "Content-Type", "text/plain"), 415, "UnsupportedMediaType"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			resp, got := send(t, tt.method, base+tt.path, tt.body, tt.fields...)
			if resp.StatusCode != tt.status {
				t.Fatalf("answered with %d %s, want %d", resp.StatusCode, got, tt.status)
			}
			for name, want := range map[string]string{"Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"} {
				if value := resp.Header.Get(name); value != want {
					t.Errorf("%s is %q, want %q", name, value, want)
				}
			}
			if tt.status == 200 {
				if got != tt.want {
					t.Errorf("answered with %s, want %s", got, tt.want)
				}
				return
			}
			checkError(t, resp, got, tt.want)
		})
	}
	for _, secret := range []string{"dGplMDpUamUw", "7T:tje0", "8A:Cust12345", "local-handle"} {
		if _, logs, _ := strings.Cut(stdout.String(), "Ctrl-C"); strings.Contains(logs, secret) {
			t.Errorf("%q is printed", secret)
		}
	}
}

// Who asks too often is told so in the form of every error.
func TestTooManyRequests(t *testing.T) {
	base, _ := runStack(t, map[string]string{"REQUESTS_PER_SECOND": "1", "REQUEST_BURST": "1"})
	for range 100 { // one of which comes within a second of the one before
		resp, got := send(t, "POST", base+request.Path, sample.Body)
		if resp.StatusCode == 429 {
			checkError(t, resp, got, "TooManyRequests")
			return
		}
	}
	t.Error("nobody is told")
}

// Every content type is read, and answered in the format that is asked for (C-4, C-11).
func TestFormats(t *testing.T) {
	base, _ := runStack(t, nil)
	const xml = "<ArrayOfPocketDeviceInfo><PocketDeviceInfo><DeviceName>Schmeler Inc and Sons</DeviceName><DeviceIdentifier>ullam</DeviceIdentifier>" +
		"<PocketVersion>adipisci</PocketVersion><Language>nostrum</Language><PNSHandle>et</PNSHandle><Platform>Apple</Platform><OSVersion>expedita</OSVersion>" +
		"</PocketDeviceInfo></ArrayOfPocketDeviceInfo>"
	const asXML = "<r><AssociateId>117</AssociateId></r>"
	tests := []struct{ contentType, accept, query, body, answerType, want string }{
		{"application/json", "application/json", "", `{"AssociateId":117}`, "application/json", sampleAnswer},
		{"text/json", "text/json", "", `{"AssociateId":117}`, "text/json", sampleAnswer},
		{"application/json-patch+json", "application/json-patch+json", "", `{"AssociateId":117}`, "application/json-patch+json", sampleAnswer},
		{"application/merge-patch+json", "application/merge-patch+json", "", `{"AssociateId":117}`, "application/merge-patch+json", sampleAnswer},
		{"application/xml", "", "", asXML, "application/xml", xml},
		{"text/xml", "", "", asXML, "text/xml", xml},
		{"application/x-www-form-urlencoded", "", "", "AssociateId=117", "application/json", sampleAnswer},
		{"application/json", "application/xml", "", `{"AssociateId":117}`, "application/xml", xml},
		{"application/xml", "application/json", "", asXML, "application/json", sampleAnswer},
		{"application/json", "image/*", "", `{"AssociateId":117}`, "application/json", sampleAnswer},
		{
			"application/json", "", "?$select=name,department,category/id", `{"AssociateId":117}`, "application/json",
			`[{"DeviceName":null,"DeviceIdentifier":null,"PocketVersion":null,"Language":null,"PNSHandle":null,"Platform":null,"OSVersion":null}]`,
		},
		{
			"application/json", "", "?%24select=Platform", `{"AssociateId":117}`, "application/json",
			`[{"DeviceName":null,"DeviceIdentifier":null,"PocketVersion":null,"Language":null,"PNSHandle":null,"Platform":"Apple","OSVersion":null}]`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.contentType+" "+tt.accept+tt.query, func(t *testing.T) {
			resp, got := send(t, "POST", base+request.Path+tt.query, tt.body, "Content-Type", tt.contentType, "Accept", tt.accept)
			if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != tt.answerType+"; charset=utf-8" || got != tt.want {
				t.Errorf("answered with %d %s %s", resp.StatusCode, resp.Header.Get("Content-Type"), got)
			}
		})
	}
}

// A page of a listed origin can call and read what it is answered, also what the gateway answers by itself; no other page can.
func TestCORS(t *testing.T) {
	const app = "https://app.example"
	base, _ := runStack(t, map[string]string{"ALLOWED_ORIGINS": app + ",https://test.example"})
	tests := []struct {
		name, method, path, origin string
		fields                     []string
		status                     int
		allowed                    string
	}{
		{"a preflight", "OPTIONS", request.Path, app, []string{"Authorization", "", "Access-Control-Request-Method", "POST"}, 204, app},
		{"a preflight of the second", "OPTIONS", request.Path, "https://test.example", []string{"Authorization", ""}, 204, "https://test.example"},
		{"a preflight of another", "OPTIONS", request.Path, "https://evil.example", []string{"Authorization", ""}, 204, ""},
		{"an answer", "POST", request.Path, app, nil, 200, app},
		{"an answer to the second", "POST", request.Path, "https://test.example", nil, 200, "https://test.example"},
		{"an answer to another", "POST", request.Path, "https://evil.example", nil, 200, ""},
		{"the gateway's refusal", "POST", request.Path, app, []string{"Authorization", ""}, 401, app},
		{"the gateway's refusal of a path", "POST", "/x", app, nil, 404, app},
		{"the gateway's refusal of another", "POST", request.Path, "https://evil.example", []string{"Authorization", ""}, 401, app}, // which its browser does not let it read
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			resp, got := send(t, tt.method, base+tt.path, sample.Body, append(tt.fields, "Origin", tt.origin)...)
			h := resp.Header
			if resp.StatusCode != tt.status || h.Get("Access-Control-Allow-Origin") != tt.allowed || h.Get("Vary") != "Origin" {
				t.Errorf("answered with %d %s %v", resp.StatusCode, got, h)
			}
			if preflight := tt.method == "OPTIONS" && tt.allowed != ""; preflight != (h.Get("Access-Control-Allow-Methods") == "POST") ||
				preflight != strings.Contains(h.Get("Access-Control-Allow-Headers"), "so-browser-tz-offset") {
				t.Errorf("the header is %v", h)
			}
		})
	}
}
