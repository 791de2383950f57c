// Serves dynalite on a free port of the host in the first argument, prints the port, and ends with the process that started it.
const server = require('dynalite')({ createTableMs: 0 })
server.listen(0, process.argv[2], () => console.log(server.address().port))
process.stdin.on('end', () => process.exit()).resume()
