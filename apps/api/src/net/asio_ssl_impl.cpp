// The compiled half of Asio's TLS (BOOST_ASIO_SEPARATE_COMPILATION), once for the program.
#include <boost/asio/ssl/impl/src.hpp>
